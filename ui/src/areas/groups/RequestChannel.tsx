import { Alert, Button, Group as Line, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useDisclosure } from "@mantine/hooks";
import { IconAlertCircle, IconBroadcast } from "@tabler/icons-react";
import { sentence } from "../../api/error";
import type { Group } from "../../api/types";
import { ApiEcho } from "../../shell/ApiEcho";
import { Dialog } from "../../shell/Dialog";
import { focusFirst, showErrors } from "../../shell/forms";
import { useRequestChannel } from "./queries";
import { firstFields, NOTE_MAX, PROPOSED_NAME_MAX, toRequest } from "./request";

/** Asks an administrator for a channel, with a name and a word of reason. */
export function RequestChannel({ group, label }: { group: Group; label: string }) {
  const [isOpen, { open, close }] = useDisclosure(false);
  return (
    <>
      <Button leftSection={<IconBroadcast size={18} aria-hidden />} onClick={open}>{label}</Button>
      <Dialog title="Ask for a channel" isOpen={isOpen} onClose={close}>
        <RequestForm group={group} onClose={close} />
      </Dialog>
    </>
  );
}

function RequestForm({ group, onClose }: { group: Group; onClose: () => void }) {
  const ask = useRequestChannel(group);
  const form = useForm({
    initialValues: firstFields(group.name, group.channelRequest),
    validate: { proposedName: (name) => (name.trim() ? null : "Propose a name") },
  });
  const body = toRequest(form.values);
  const submit = () => ask.mutate(body, { onSuccess: onClose, onError: (error) => showErrors(form, error) });
  return (
    <form noValidate onSubmit={form.onSubmit(submit, (errors) => focusFirst(form, errors))}>
      <Stack gap="md">
        {ask.error && <Alert role="alert" color="live" icon={<IconAlertCircle />} title={sentence(ask.error)} />}
        <TextInput
          label="Name of the channel" description="Viewers see it. It may differ from the group’s." required data-autofocus
          maxLength={PROPOSED_NAME_MAX} {...form.getInputProps("proposedName")}
        />
        <Textarea
          label="Note" description="What you will broadcast, and when: for whoever decides." autosize minRows={3} maxRows={10}
          maxLength={NOTE_MAX} {...form.getInputProps("note")}
        />
        {group.programsCount === 0 && (
          <Text size="sm" c="dimmed">This group has no programmes yet. You may ask all the same; programmes help to decide.</Text>
        )}
        <Line justify="end">
          <Button variant="default" onClick={onClose}>Cancel</Button>
          <Button type="submit" loading={ask.isPending}>Send the request</Button>
        </Line>
        <ApiEcho method="POST" path={`/users/${group.ownerId}/groups/${group.groupId}/channel-requests`} body={body} isAuthorised />
      </Stack>
    </form>
  );
}
