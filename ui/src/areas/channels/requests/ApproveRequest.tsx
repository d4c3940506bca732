import { Button, Group, Switch, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useState } from "react";
import { ApiEcho } from "../../../shell/ApiEcho";
import { Dialog } from "../../../shell/Dialog";
import { FormError } from "../../accounts/FormError";
import type { Capacity, ChannelRequest } from "../types";
import { useApprove } from "./queries";

export interface ApproveRequestProps {
  request: ChannelRequest;
  capacity: Capacity | undefined;
  isOpen: boolean;
  onClose: () => void;
}

/** Asks once more, then has the channel created and assigned. */
export function ApproveRequest({ request, capacity, isOpen, onClose }: ApproveRequestProps) {
  const [isRecorded, setIsRecorded] = useState(true);
  const approve = useApprove(request.requestId);
  const submit = () =>
    approve.mutate(isRecorded, {
      onSuccess: ({ message }) => {
        onClose();
        notifications.show({ title: request.proposedName, message });
      },
    });
  return (
    <Dialog title="Approve this request?" isOpen={isOpen} onClose={onClose} onClosed={approve.reset}>
      <Text>
        The channel “<bdi>{request.proposedName}</bdi>” is created at the video provider and assigned to{" "}
        <bdi>{request.ownerName}</bdi>, who is told and can go live at once.
      </Text>
      {capacity && (
        <Text size="sm" c="dimmed">
          {capacity.remainingCapacity > 0
            ? `Afterwards ${capacity.currentChannelCount + 1} of ${capacity.maxChannelLimit} channels are used.`
            : "All channels are used. The request stays here until one is free."}
        </Text>
      )}
      <Switch label="Record broadcasts" checked={isRecorded} onChange={(event) => setIsRecorded(event.currentTarget.checked)} />
      <FormError error={approve.error} />
      <Group justify="end">
        <Button variant="default" onClick={onClose}>Not now</Button>
        <Button data-autofocus loading={approve.isPending} onClick={submit}>Approve and create</Button>
      </Group>
      <ApiEcho method="POST" path={`/admin/channel-requests/${request.requestId}/approve`} body={{ recordingEnabled: isRecorded }} isAuthorised />
    </Dialog>
  );
}
