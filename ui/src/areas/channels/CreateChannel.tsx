import { Button, Group, Stack, Switch, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useNavigate } from "react-router";
import { ApiEcho } from "../../shell/ApiEcho";
import { Dialog } from "../../shell/Dialog";
import { focusFirst, showErrors } from "../../shell/forms";
import { FormError } from "../accounts/FormError";
import { useCreateChannel } from "./queries";

/** Asks for a name, creates the channel, and leads to its page. */
export function CreateChannel({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const create = useCreateChannel();
  const navigate = useNavigate();
  const form = useForm({
    initialValues: { name: "", recordingEnabled: true },
    validate: { name: (name) => (name.trim() ? null : "Give the channel a name") },
  });
  const submit = ({ name, recordingEnabled }: { name: string; recordingEnabled: boolean }) =>
    create.mutate({ name: name.trim(), recordingEnabled }, {
      onSuccess: ({ channel }) => void navigate(`/channels/${channel.channelId}`),
      onError: (error) => showErrors(form, error),
    });
  const forget = () => {
    form.reset();
    create.reset();
  };
  return (
    <Dialog title="Create a channel" isOpen={isOpen} onClose={onClose} onClosed={forget}>
      <form noValidate onSubmit={form.onSubmit(submit, (errors) => focusFirst(form, errors))}>
        <Stack gap="md">
          <FormError error={create.error} />
          <TextInput
            label="Name" required data-autofocus autoComplete="off" maxLength={100} placeholder="Morning show"
            description="Viewers see it. The playback address stays the same for as long as the channel exists."
            {...form.getInputProps("name")}
          />
          <Switch
            label="Record broadcasts" description="Into the installation’s bucket, by the video provider."
            {...form.getInputProps("recordingEnabled", { type: "checkbox" })}
          />
          <Group justify="end">
            <Button variant="default" onClick={onClose}>Cancel</Button>
            <Button type="submit" loading={create.isPending}>Create</Button>
          </Group>
          <ApiEcho method="POST" path="/admin/channels" body={form.values} isAuthorised />
        </Stack>
      </form>
    </Dialog>
  );
}
