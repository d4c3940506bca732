import { Button, Checkbox, Group, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { type ReactNode, useState } from "react";
import { ApiError } from "../../../api/error";
import { ApiEcho } from "../../../shell/ApiEcho";
import { Dialog } from "../../../shell/Dialog";
import { FormError } from "../../accounts/FormError";
import { type NewState, useSetState } from "../queries";
import type { Channel } from "../types";

/** What an operator can do to a channel's state. */
export type StateAction = "take" | "release" | "disable" | "enable";

interface Words {
  title: string;
  explanation: (channel: Channel) => ReactNode;
  confirm: string;
  newState: NewState["newState"];
  isGrave?: boolean;
}

const ACTIONS: Record<StateAction, Words> = {
  take: {
    title: "Hold this channel?",
    explanation: () => "No host can start a session on it until it is released. What is on air goes on.",
    confirm: "Hold it",
    newState: "LIVE",
  },
  release: {
    title: "Release this channel?",
    explanation: ({ currentSessionId, onAir }) => (
      <>
        {currentSessionId === null ? "Whoever holds it loses it" : "The running session ends"}, and hosts can start sessions again.
        {onAir && " The stream itself is not cut: the channel stays live until the encoder stops."}
      </>
    ),
    confirm: "Release it",
    newState: "IDLE",
    isGrave: true,
  },
  disable: {
    title: "Switch this channel off?",
    explanation: () => "No session can start on it until it is switched on again. It keeps its address, its hosts and its key.",
    confirm: "Switch it off",
    newState: "OFFLINE",
    isGrave: true,
  },
  enable: {
    title: "Switch this channel on?",
    explanation: () => "Its hosts can start sessions again.",
    confirm: "Switch it on",
    newState: "IDLE",
  },
};

export interface StateDialogProps {
  channel: Channel;
  action: StateAction;
  isOpen: boolean;
  onClose: () => void;
}

/** Asks once more, then changes the channel's state. */
export function StateDialog({ channel, action, isOpen, onClose }: StateDialogProps) {
  const [isForced, setIsForced] = useState(false);
  const set = useSetState(channel.channelId);
  const { title, explanation, confirm, newState, isGrave = false } = ACTIONS[action];
  // A live channel is switched off only by somebody who knows that it is live.
  const mustForce = action === "disable" && (channel.state === "LIVE" || (set.error instanceof ApiError && set.error.status === 409));
  const body: NewState = { newState, ...(isForced ? { force: true } : {}) };
  const forget = () => {
    setIsForced(false);
    set.reset();
  };
  const submit = () =>
    set.mutate(body, {
      onSuccess: ({ message, previousState, newState: reached }) => {
        onClose();
        notifications.show({ title: channel.channelName, message: `${message}: ${previousState} → ${reached}` });
      },
    });
  return (
    <Dialog title={title} isOpen={isOpen} onClose={onClose} onClosed={forget}>
      <Text>{explanation(channel)}</Text>
      {mustForce && (
        <Checkbox
          label="Although it is live" description="The session ends; the stream itself is not cut." checked={isForced}
          onChange={(event) => setIsForced(event.currentTarget.checked)}
        />
      )}
      <FormError error={set.error} />
      <Group justify="end">
        <Button variant="default" data-autofocus onClick={onClose}>Leave it</Button>
        <Button {...(isGrave ? { color: "live" } : {})} disabled={mustForce && !isForced} loading={set.isPending} onClick={submit}>{confirm}</Button>
      </Group>
      <ApiEcho method="PUT" path={`/admin/channels/${channel.channelId}/state`} body={body} isAuthorised />
    </Dialog>
  );
}
