import { Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useState } from "react";
import { useNavigate } from "react-router";
import { ApiEcho } from "../../../shell/ApiEcho";
import { Dialog } from "../../../shell/Dialog";
import { FormError } from "../../accounts/FormError";
import { useDeleteChannel } from "../queries";
import type { Channel } from "../types";

const WORD = "delete";

/** Deletes the channel after a typed word: its address is gone for good. */
export function DeleteChannel({ channel, isOpen, onClose }: { channel: Channel; isOpen: boolean; onClose: () => void }) {
  const [typed, setTyped] = useState("");
  const remove = useDeleteChannel(channel.channelId);
  const navigate = useNavigate();
  const isConfirmed = typed.trim().toLowerCase() === WORD;
  const forget = () => {
    setTyped("");
    remove.reset();
  };
  const submit = () =>
    remove.mutate(undefined, {
      onSuccess: ({ message }) => {
        notifications.show({ title: channel.channelName, message });
        void navigate("/channels");
      },
    });
  return (
    <Dialog title="Delete this channel?" isOpen={isOpen} onClose={onClose} onClosed={forget}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (isConfirmed) submit();
        }}
      >
        <Stack gap="md">
          <Text>
            “<bdi>{channel.channelName}</bdi>” and its playback address are gone for good. Only a channel that is not live and has no
            host can be deleted.
          </Text>
          <FormError error={remove.error} />
          <TextInput
            label={<>Type <b>{WORD}</b> to confirm</>} data-autofocus autoComplete="off" value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
          <Group justify="end">
            <Button variant="default" onClick={onClose}>Keep it</Button>
            <Button type="submit" color="live" disabled={!isConfirmed} loading={remove.isPending}>Delete for good</Button>
          </Group>
          <ApiEcho method="DELETE" path={`/admin/channels/${channel.channelId}`} isAuthorised />
        </Stack>
      </form>
    </Dialog>
  );
}
