import { Alert, Button, Group as Line, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconAlertCircle } from "@tabler/icons-react";
import { sentence } from "../../api/error";
import type { ChannelRequest } from "../../api/types";
import { ApiEcho } from "../../shell/ApiEcho";
import { Dialog } from "../../shell/Dialog";
import { useWithdrawRequest } from "./queries";

/** Takes a pending request back, after asking. */
export function WithdrawRequest({ request }: { request: ChannelRequest }) {
  const [isOpen, { open, close }] = useDisclosure(false);
  const withdraw = useWithdrawRequest(request.ownerId);
  return (
    <>
      <Button variant="default" onClick={open}>Withdraw the request</Button>
      <Dialog title="Withdraw the request?" isOpen={isOpen} onClose={close} onClosed={withdraw.reset}>
        <Text>Nobody decides it then. You may ask again at any time.</Text>
        {withdraw.error && <Alert role="alert" color="live" icon={<IconAlertCircle />} title={sentence(withdraw.error)} />}
        <Line justify="end">
          <Button variant="default" data-autofocus onClick={close}>Keep it</Button>
          <Button color="live" loading={withdraw.isPending} onClick={() => withdraw.mutate(request.requestId, { onSuccess: close })}>
            Withdraw
          </Button>
        </Line>
        <ApiEcho method="DELETE" path={`/users/${request.ownerId}/channel-requests/${request.requestId}`} isAuthorised />
      </Dialog>
    </>
  );
}
