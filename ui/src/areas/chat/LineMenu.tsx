import { ActionIcon, Alert, Button, Group, Menu, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { IconAlertCircle, IconBan, IconDotsVertical, IconTrash, IconVolumeOff } from "@tabler/icons-react";
import { useState } from "react";
import { sentence } from "../../api/error";
import type { ChatMessage } from "../../api/types";
import { Dialog } from "../../shell/Dialog";
import { type Measure, useDeleteLine, useModerate } from "./queries";

const MINUTES = 10;

interface Props {
  auctionId: string;
  line: ChatMessage;
  isYou: boolean;
  isEnded: boolean;
  onDeleted: (messageId: string) => void;
}

/** What the seller and administrators can do about a message and whoever wrote it. */
export function LineMenu({ auctionId, line, isYou, isEnded, onDeleted }: Props) {
  const [asked, ask] = useState<"delete" | "ban">();
  const [isOpen, { open, close }] = useDisclosure(false);
  const moderate = useModerate(auctionId);
  const deleteLine = useDeleteLine(auctionId);
  const undo = (measure: Measure) => moderate.mutate(measure, { onError: complain });
  const mute = (minutes?: number) => {
    moderate.mutate({ kind: "mute", user_id: line.user_id, ...(minutes === undefined ? {} : { minutes }) }, {
      onError: complain,
      onSuccess: () => {
        const length = minutes === undefined ? "for this auction" : `for ${minutes} minutes`;
        told(`${line.username} is muted ${length}`, () => undo({ kind: "unmute", user_id: line.user_id }));
      },
    });
  };
  const confirmed = () => {
    if (asked === "delete") {
      deleteLine.mutate(line.message_id, {
        onSuccess: () => {
          close();
          onDeleted(line.message_id);
        },
      });
    } else {
      moderate.mutate({ kind: "ban", user_id: line.user_id }, {
        onSuccess: () => {
          close();
          told(`${line.username} is banned from this chat`, () => undo({ kind: "unban", user_id: line.user_id }));
        },
      });
    }
  };
  const choose = (what: "delete" | "ban") => {
    ask(what);
    moderate.reset();
    open();
  };
  const error = asked === "delete" ? deleteLine.error : moderate.error;
  return (
    <>
      <Menu position="bottom-end" withinPortal>
        <Menu.Target>
          <ActionIcon size="sm" color="gray" aria-label={`Moderate the message of ${line.username}`}>
            <IconDotsVertical size={15} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconTrash size={16} />} onClick={() => choose("delete")}>Remove this message</Menu.Item>
          {!isYou && !isEnded && (
            <>
              <Menu.Item leftSection={<IconVolumeOff size={16} />} onClick={() => mute(MINUTES)}>Mute for {MINUTES} minutes</Menu.Item>
              <Menu.Item leftSection={<IconVolumeOff size={16} />} onClick={() => mute()}>Mute for this auction</Menu.Item>
              <Menu.Item color="live" leftSection={<IconBan size={16} />} onClick={() => choose("ban")}>Ban from this chat</Menu.Item>
            </>
          )}
        </Menu.Dropdown>
      </Menu>
      <Dialog title={asked === "ban" ? `Ban ${line.username}?` : "Remove this message?"} isOpen={isOpen} onClose={close}>
        <Stack gap="md">
          <Text>
            {asked === "ban"
              ? "They leave the chat at once and cannot come back. They can still watch and bid."
              : "It disappears for everybody. This cannot be undone."}
          </Text>
          {error && <Alert role="alert" color="live" icon={<IconAlertCircle />} title={sentence(error)} />}
          <Group justify="end">
            <Button variant="default" onClick={close}>Cancel</Button>
            <Button color="live" data-autofocus loading={deleteLine.isPending || moderate.isPending} onClick={confirmed}>
              {asked === "ban" ? "Ban" : "Remove"}
            </Button>
          </Group>
        </Stack>
      </Dialog>
    </>
  );
}

function told(message: string, undo: () => void): void {
  const id = `chat-${crypto.randomUUID()}`;
  notifications.show({
    id,
    message: (
      <Group justify="space-between" wrap="nowrap">
        <span>{message}</span>
        <Button size="compact-sm" variant="light" onClick={() => {
          notifications.hide(id);
          undo();
        }}>Undo</Button>
      </Group>
    ),
  });
}

function complain(error: unknown): void {
  notifications.show({ color: "live", message: sentence(error) });
}
