import { Button, Menu } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconChevronDown, IconEye, IconHandStop, IconLockOpen, IconPlugConnected, IconPlugOff, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { Link } from "react-router";
import type { Channel } from "../types";
import { DeleteChannel } from "./DeleteChannel";
import { type StateAction, StateDialog } from "./StateDialogs";

/** What an administrator can do with a channel. */
export function ChannelActions({ channel }: { channel: Channel }) {
  const [action, setAction] = useState<StateAction>("disable");
  const [isAsking, asking] = useDisclosure(false);
  const [isDeleting, deleting] = useDisclosure(false);
  const ask = (next: StateAction) => {
    setAction(next);
    asking.open();
  };
  const isClaimed = channel.state === "LIVE" && (channel.currentSessionId !== null || !channel.onAir);
  return (
    <>
      <Button component={Link} to={`/watch/${channel.channelId}`} variant="default" leftSection={<IconEye size={18} />}>Watch page</Button>
      <Menu position="bottom-end" width={250}>
        <Menu.Target>
          <Button rightSection={<IconChevronDown size={16} />}>Actions</Button>
        </Menu.Target>
        <Menu.Dropdown>
          {channel.disabled
            ? <Menu.Item leftSection={<IconPlugConnected size={16} />} onClick={() => ask("enable")}>Switch on</Menu.Item>
            : <Menu.Item leftSection={<IconPlugOff size={16} />} onClick={() => ask("disable")}>Switch off</Menu.Item>}
          {channel.state === "LIVE" && (
            <Menu.Item leftSection={<IconLockOpen size={16} />} onClick={() => ask("release")}>Release the claim</Menu.Item>
          )}
          {!isClaimed && !channel.disabled && (
            <Menu.Item leftSection={<IconHandStop size={16} />} onClick={() => ask("take")}>Hold for maintenance</Menu.Item>
          )}
          <Menu.Divider />
          <Menu.Item color="live" leftSection={<IconTrash size={16} />} onClick={deleting.open}>Delete</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <StateDialog channel={channel} action={action} isOpen={isAsking} onClose={asking.close} />
      <DeleteChannel channel={channel} isOpen={isDeleting} onClose={deleting.close} />
    </>
  );
}
