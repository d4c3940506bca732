import { Alert, Button, Checkbox, Group as Line, Stack, TagsInput, Textarea, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { IconAlertCircle } from "@tabler/icons-react";
import { sentence } from "../../../api/error";
import type { Group, Program } from "../../../api/types";
import { ApiEcho } from "../../../shell/ApiEcho";
import { focusFirst, showErrors } from "../../../shell/forms";
import { TAG_MAX, TAGS_MAX } from "../groupFields";
import { DESCRIPTION_MAX, TITLE_MAX, toFields, toProgram, URL_MAX, validate } from "./programFields";
import { useSaveProgram } from "./queries";

/** Adds a programme to the group, or changes one. */
export function ProgramForm({ group, program, onClose }: { group: Group; program: Program | undefined; onClose: () => void }) {
  const save = useSaveProgram(group, program?.programId);
  const form = useForm({ initialValues: toFields(program), validate });
  const body = toProgram(form.values, group.groupId);
  const submit = () => save.mutate(body, { onSuccess: onClose, onError: (error) => showErrors(form, error) });
  const path = `/users/${group.ownerId}/programs`;
  return (
    <form noValidate onSubmit={form.onSubmit(submit, (errors) => focusFirst(form, errors))}>
      <Stack gap="md">
        {save.error && <Alert role="alert" color="live" icon={<IconAlertCircle />} title={sentence(save.error)} />}
        <TextInput label="Title" required data-autofocus maxLength={TITLE_MAX} {...form.getInputProps("title")} />
        <Textarea label="Description" autosize minRows={2} maxRows={10} maxLength={DESCRIPTION_MAX} {...form.getInputProps("description")} />
        <TextInput label="Length" description="Minutes, or h:mm:ss" placeholder="45" inputMode="text" maxLength={10} {...form.getInputProps("length")} />
        <TextInput
          label="Address of the video" type="url" placeholder="https://…/master.m3u8" maxLength={URL_MAX} {...form.getInputProps("program_url")}
        />
        <TextInput label="Address of a picture" type="url" placeholder="https://…" maxLength={URL_MAX} {...form.getInputProps("program_image")} />
        <TagsInput label="Tags" description="Enter adds one" maxTags={TAGS_MAX} maxLength={TAG_MAX} {...form.getInputProps("tags")} />
        <Checkbox label="Only for those who pay" {...form.getInputProps("premium", { type: "checkbox" })} />
        <Line justify="end">
          <Button variant="default" onClick={onClose}>Cancel</Button>
          <Button type="submit" loading={save.isPending}>{program ? "Save" : "Add"}</Button>
        </Line>
        <ApiEcho {...(program ? { method: "PATCH", path: `${path}/${program.programId}` } : { method: "POST", path })} body={body} isAuthorised />
      </Stack>
    </form>
  );
}
