import { Alert, Autocomplete, Button, Group as Line, SegmentedControl, Stack, TagsInput, Text, Textarea, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { IconAlertCircle } from "@tabler/icons-react";
import { useEffect } from "react";
import { sentence } from "../../api/error";
import type { Group } from "../../api/types";
import { ApiEcho } from "../../shell/ApiEcho";
import { focusFirst, showErrors } from "../../shell/forms";
import {
  CATEGORIES, CATEGORY_MAX, DESCRIPTION_MAX, NAME_MAX, nameError, TAG_MAX, TAGS_MAX, tagsError, toChanges, toFields,
} from "./groupFields";
import { useEditGroup } from "./queries";

const VISIBILITIES = [{ value: "private", label: "Only me" }, { value: "public", label: "Everybody" }];

/** What a group says about itself; `onUnsaved` hears whether something typed is not saved. */
export function GroupForm({ group, onUnsaved }: { group: Group; onUnsaved: (isUnsaved: boolean) => void }) {
  const edit = useEditGroup(group);
  const form = useForm({ initialValues: toFields(group), validate: { name: nameError, tags: tagsError } });
  const changes = toChanges(group, form.values);
  const isUnsaved = Object.keys(changes).length > 0;
  useEffect(() => onUnsaved(isUnsaved), [isUnsaved, onUnsaved]);
  const submit = () => {
    if (!isUnsaved) return;
    edit.mutate(changes, {
      // The server trims: what is shown is what it kept.
      onSuccess: (saved) => form.setValues(toFields(saved.group)),
      onError: (error) => showErrors(form, error),
    });
  };
  return (
    <form noValidate onSubmit={form.onSubmit(submit, (errors) => focusFirst(form, errors))} aria-label="Group">
      <Stack gap="md">
        {edit.error && <Alert role="alert" color="live" icon={<IconAlertCircle />} title={sentence(edit.error)} />}
        <TextInput label="Name" required maxLength={NAME_MAX} {...form.getInputProps("name")} />
        <Textarea label="Description" autosize minRows={3} maxRows={14} maxLength={DESCRIPTION_MAX} {...form.getInputProps("description")} />
        <Autocomplete label="Category" data={CATEGORIES} maxLength={CATEGORY_MAX} placeholder="None" {...form.getInputProps("category")} />
        <TagsInput
          label="Tags" description="Enter adds one" maxTags={TAGS_MAX} maxLength={TAG_MAX} {...form.getInputProps("tags")}
        />
        <div role="group" aria-labelledby="visibility">
          <Text id="visibility" size="sm" fw={500} mb={6}>Meant for</Text>
          <SegmentedControl aria-label="Meant for" data={VISIBILITIES} {...form.getInputProps("visibility")} />
        </div>
        <Line gap="md">
          <Button type="submit" loading={edit.isPending} disabled={!isUnsaved}>Save changes</Button>
          {isUnsaved && <Button variant="subtle" onClick={() => form.setValues(toFields(group))}>Discard</Button>}
          <Text size="sm" c="dimmed" role="status">
            {isUnsaved ? "Not saved yet" : edit.isSuccess ? "Saved" : ""}
          </Text>
        </Line>
        <ApiEcho method="PATCH" path={`/users/${group.ownerId}/groups/${group.groupId}`} body={changes} isAuthorised />
      </Stack>
    </form>
  );
}
