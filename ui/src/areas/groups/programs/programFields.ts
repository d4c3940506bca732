import type { NewProgram, Program } from "../../../api/types";
import { tagsError } from "../groupFields";

/** The form's own values: what people type, before it is a request. */
export interface ProgramFields {
  title: string;
  description: string;
  /** As people write it: minutes, or `h:mm:ss`. */
  length: string;
  program_url: string;
  program_image: string;
  tags: string[];
  premium: boolean;
}

/** The server's limits: characters, and seconds. */
export const TITLE_MAX = 200;
export const DESCRIPTION_MAX = 2000;
export const URL_MAX = 2048;
export const LENGTH_S_MAX = 7 * 24 * 3600;

export function toFields(program: Program | undefined): ProgramFields {
  return {
    title: program?.title ?? "",
    description: program?.description ?? "",
    length: lengthText(program?.duration ?? null),
    program_url: program?.program_url ?? "",
    program_image: program?.program_image ?? "",
    tags: [...(program?.tags ?? [])],
    premium: program?.premium ?? false,
  };
}

/** The request; what is left empty has no value. */
export function toProgram(fields: ProgramFields, groupId: string): NewProgram {
  return {
    groupId,
    title: fields.title.trim(),
    description: fields.description.trim() || null,
    duration: lengthOf(fields.length) ?? null,
    program_url: fields.program_url.trim() || null,
    program_image: fields.program_image.trim() || null,
    tags: fields.tags,
    premium: fields.premium,
  };
}

/** The server's rules, told before the request. The server has the last word. */
export function validate(fields: ProgramFields): Record<string, string> {
  const errors: Record<string, string> = {};
  const seconds = lengthOf(fields.length);
  if (!fields.title.trim()) errors["title"] = "Give the programme a title";
  if (fields.length.trim() && seconds === undefined) errors["length"] = "Write minutes, such as 45, or 1:30:00";
  else if (seconds !== undefined && seconds > LENGTH_S_MAX) errors["length"] = "At most a week";
  for (const field of ["program_url", "program_image"] as const) {
    if (!isLink(fields[field].trim())) errors[field] = "Write an address that begins with http:// or https://";
  }
  const tags = tagsError(fields.tags);
  if (tags !== null) errors["tags"] = tags;
  return errors;
}

/** Seconds of `45` (minutes), `45:30` or `1:30:00`; undefined for anything else. */
export function lengthOf(text: string): number | undefined {
  const match = /^(?:(?:(\d{1,3}):)?(\d{1,3}):(\d{2})|(\d{1,5}))$/.exec(text.trim());
  if (!match) return undefined;
  const [, hours, minutes, seconds, bare] = match;
  if (bare !== undefined) return Number(bare) * 60;
  if (Number(seconds) > 59 || (hours !== undefined && Number(minutes) > 59)) return undefined;
  return Number(hours ?? 0) * 3600 + Number(minutes) * 60 + Number(seconds);
}

/** A length as a clock: `45:30`, `1:30:00`; nothing for none. */
export function lengthText(seconds: number | null): string {
  if (seconds === null) return "";
  const two = (n: number) => String(n).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

function isLink(text: string): boolean {
  return text === "" || (/^https?:\/\//i.test(text) && URL.canParse(text));
}
