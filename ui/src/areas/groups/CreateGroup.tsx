import { Alert, Button, Group as Line, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useDisclosure } from "@mantine/hooks";
import { IconAlertCircle, IconPlus } from "@tabler/icons-react";
import { useNavigate } from "react-router";
import { sentence } from "../../api/error";
import { ApiEcho } from "../../shell/ApiEcho";
import { Dialog } from "../../shell/Dialog";
import { focusFirst, showErrors } from "../../shell/forms";
import { DESCRIPTION_MAX, NAME_MAX, nameError } from "./groupFields";
import { useCreateGroup } from "./queries";

/** Asks for the name of a new group and opens it. */
export function CreateGroup({ userId, label = "New group" }: { userId: string; label?: string }) {
  const [isOpen, { open, close }] = useDisclosure(false);
  return (
    <>
      <Button leftSection={<IconPlus size={18} aria-hidden />} onClick={open}>{label}</Button>
      <Dialog title="New group" isOpen={isOpen} onClose={close}>
        <NewGroupForm userId={userId} onClose={close} />
      </Dialog>
    </>
  );
}

function NewGroupForm({ userId, onClose }: { userId: string; onClose: () => void }) {
  const navigate = useNavigate();
  const create = useCreateGroup(userId);
  const form = useForm({ initialValues: { name: "", description: "" }, validate: { name: nameError } });
  const body = toBody(form.values);
  const submit = () =>
    create.mutate(body, {
      onSuccess: ({ group }) => void navigate(`/groups/${group.groupId}`),
      onError: (error) => showErrors(form, error),
    });
  return (
    <form noValidate onSubmit={form.onSubmit(submit, (errors) => focusFirst(form, errors))}>
      <Stack gap="md">
        {create.error && <Alert role="alert" color="live" icon={<IconAlertCircle />} title={sentence(create.error)} />}
        <TextInput label="Name" required data-autofocus maxLength={NAME_MAX} placeholder="Morning shows" {...form.getInputProps("name")} />
        <Textarea label="Description" autosize minRows={2} maxRows={8} maxLength={DESCRIPTION_MAX} {...form.getInputProps("description")} />
        <Text size="sm" c="dimmed">Picture, programmes and the rest come on its page.</Text>
        <Line justify="end">
          <Button variant="default" onClick={onClose}>Cancel</Button>
          <Button type="submit" loading={create.isPending}>Create group</Button>
        </Line>
        <ApiEcho method="POST" path={`/users/${userId}/groups`} body={body} isAuthorised />
      </Stack>
    </form>
  );
}

function toBody({ name, description }: { name: string; description: string }) {
  return { name: name.trim(), ...(description.trim() ? { description: description.trim() } : {}) };
}
