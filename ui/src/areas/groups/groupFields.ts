import type { Group, GroupChanges } from "../../api/types";

/** The form's own values: what people type, before it is a request. */
export interface GroupFields {
  name: string;
  description: string;
  category: string;
  visibility: Group["visibility"];
  tags: string[];
}

/** The server's limits: characters, and tags of one thing. */
export const NAME_MAX = 200;
export const DESCRIPTION_MAX = 5000;
export const CATEGORY_MAX = 100;
export const TAGS_MAX = 20;
export const TAG_MAX = 50;

export const CATEGORIES = ["Culture", "Education", "Entertainment", "Music", "News", "Religion", "Sport", "Talk"];

export function toFields({ name, description, category, visibility, tags }: Group): GroupFields {
  return { name, description: description ?? "", category: category ?? "", visibility, tags: [...tags] };
}

/** What differs from the group as it is, ready to be sent; an emptied text goes away. */
export function toChanges(group: Group, fields: GroupFields): GroupChanges {
  const before = toFields(group);
  const name = fields.name.trim();
  const description = fields.description.trim();
  const category = fields.category.trim();
  return {
    ...(name !== before.name ? { name } : {}),
    ...(description !== before.description ? { description: description || null } : {}),
    ...(category !== before.category ? { category: category || null } : {}),
    ...(fields.visibility !== before.visibility ? { visibility: fields.visibility } : {}),
    ...(fields.tags.join("\n") !== before.tags.join("\n") ? { tags: fields.tags } : {}),
  };
}

export function nameError(name: string): string | null {
  return name.trim() ? null : "Give the group a name";
}

/** The first tag that breaks a rule, in a sentence. */
export function tagsError(tags: readonly string[]): string | null {
  if (tags.length > TAGS_MAX) return `At most ${TAGS_MAX} tags`;
  const long = tags.find((tag) => tag.length > TAG_MAX);
  return long === undefined ? null : `A tag has at most ${TAG_MAX} characters`;
}
