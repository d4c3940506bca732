import { Button, Group, Paper, Stack, Text, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconUserCheck } from "@tabler/icons-react";
import { useState } from "react";
import { ApiEcho } from "../../shell/ApiEcho";
import { Dialog } from "../../shell/Dialog";
import { FormError } from "../accounts/FormError";
import { shownEmail } from "../accounts/oidc";
import { useAssign, useLookup } from "./queries";
import type { FoundUser } from "./types";

export interface AssignHostProps {
  channelId: string;
  channelName: string;
  isOpen: boolean;
  onClose: () => void;
}

/** Finds a person by e-mail, shows who it is, and gives them the channel. */
export function AssignHost({ channelId, channelName, isOpen, onClose }: AssignHostProps) {
  const [email, setEmail] = useState("");
  const lookup = useLookup();
  const assign = useAssign(channelId);
  const found = lookup.data;
  const change = (next: string) => {
    setEmail(next);
    lookup.reset();
    assign.reset();
  };
  const submit = () => {
    if (!found) {
      if (email.trim()) lookup.mutate(email.trim());
      return;
    }
    assign.mutate(found.userId, {
      onSuccess: ({ message }) => {
        onClose();
        notifications.show({ title: channelName, message });
      },
    });
  };
  return (
    <Dialog title="Assign a host" isOpen={isOpen} onClose={onClose} onClosed={() => change("")}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <Stack gap="md">
          <Text>
            Hosts of “<bdi>{channelName}</bdi>” see its stream key and may go live on it. Several hosts can share a channel; a
            host has one channel.
          </Text>
          <FormError error={lookup.error ?? assign.error} />
          <TextInput
            label="E-mail of the host" type="email" required data-autofocus autoComplete="off" value={email}
            onChange={(event) => change(event.currentTarget.value)}
          />
          <div role="status">{found && <Found user={found} />}</div>
          <Group justify="end">
            <Button variant="default" onClick={onClose}>Cancel</Button>
            <Button type="submit" disabled={!email.trim()} loading={lookup.isPending || assign.isPending}>
              {found ? `Assign to ${found.name}` : "Find"}
            </Button>
          </Group>
          <ApiEcho method="POST" path={`/admin/channels/${channelId}/assign`} body={{ hostUserId: found?.userId ?? "" }} isAuthorised />
        </Stack>
      </form>
    </Dialog>
  );
}

function Found({ user }: { user: FoundUser }) {
  return (
    <Paper withBorder p="sm" data-testid="found-user">
      <Group gap="sm" wrap="nowrap">
        <IconUserCheck size={24} color="var(--accent)" aria-hidden />
        <div className="user-text">
          <Text fw={600}><bdi>{user.name}</bdi></Text>
          <Text size="sm" c="dimmed">{shownEmail(user.email)}{user.enabled ? "" : ", account disabled"}</Text>
        </div>
      </Group>
    </Paper>
  );
}
