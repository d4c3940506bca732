import { Button, Group, Stack, Text, Textarea } from "@mantine/core";
import { useForm } from "@mantine/form";
import { notifications } from "@mantine/notifications";
import { ApiEcho } from "../../../shell/ApiEcho";
import { Dialog } from "../../../shell/Dialog";
import { focusFirst, showErrors } from "../../../shell/forms";
import { FormError } from "../../accounts/FormError";
import type { ChannelRequest } from "../types";
import { useReject } from "./queries";

export interface RejectRequestProps {
  request: ChannelRequest;
  isOpen: boolean;
  onClose: () => void;
}

/** Says no, with a reason that the host will read. */
export function RejectRequest({ request, isOpen, onClose }: RejectRequestProps) {
  const reject = useReject(request.requestId);
  const form = useForm({
    initialValues: { reason: "" },
    validate: { reason: (reason) => (reason.trim() ? null : "Say why, so that the host knows what to change") },
  });
  const submit = ({ reason }: { reason: string }) =>
    reject.mutate(reason.trim(), {
      onSuccess: ({ message }) => {
        onClose();
        notifications.show({ title: request.proposedName, message });
      },
      onError: (error) => showErrors(form, error),
    });
  const forget = () => {
    form.reset();
    reject.reset();
  };
  return (
    <Dialog title="Reject this request?" isOpen={isOpen} onClose={onClose} onClosed={forget}>
      <form noValidate onSubmit={form.onSubmit(submit, (errors) => focusFirst(form, errors))}>
        <Stack gap="md">
          <Text>
            <bdi>{request.ownerName}</bdi> is told, with your reason, and may ask again for “<bdi>{request.proposedName}</bdi>”.
          </Text>
          <FormError error={reject.error} />
          <Textarea label="Reason" required data-autofocus autosize minRows={3} maxRows={8} maxLength={1000} {...form.getInputProps("reason")} />
          <Group justify="end">
            <Button variant="default" onClick={onClose}>Cancel</Button>
            <Button type="submit" color="live" loading={reject.isPending}>Reject</Button>
          </Group>
          <ApiEcho method="POST" path={`/admin/channel-requests/${request.requestId}/reject`} body={form.values} isAuthorised />
        </Stack>
      </form>
    </Dialog>
  );
}
