import { Alert, Button, Group, Stack, Text, Textarea } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconAlertCircle, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { sentence } from "../../../api/error";
import { Dialog } from "../../../shell/Dialog";
import { shorten } from "../../../shell/format";
import type { Lot } from "../lot";
import { useControl } from "../queries";

const REASON_CHARACTERS_MAX = 500;

/** Takes the lot out of the sale: nobody wins. The reason is kept in the auction's history. */
export function Withdraw({ lot }: { lot: Lot }) {
  const [isOpen, { open, close }] = useDisclosure(false);
  const [reason, setReason] = useState("");
  const control = useControl(lot.auction_id);
  const forget = () => {
    setReason("");
    control.reset();
  };
  return (
    <>
      <Button variant="default" leftSection={<IconTrash size={18} />} onClick={open}>Withdraw</Button>
      <Dialog title="Withdraw this lot?" isOpen={isOpen} onClose={close} onClosed={forget}>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (reason.trim()) control.mutate({ kind: "withdraw", reason: reason.trim() }, { onSuccess: close });
          }}
        >
          <Stack gap="md">
            <Text>
              “<bdi>{shorten(lot.title)}</bdi>” leaves the sale at once and nobody wins it. As its seller you can do this only while
              nobody has bid.
            </Text>
            {control.error && <Alert role="alert" color="live" icon={<IconAlertCircle />} title={sentence(control.error)} />}
            <Textarea
              label="Reason" required data-autofocus autosize minRows={2} maxLength={REASON_CHARACTERS_MAX} value={reason}
              onChange={(event) => setReason(event.currentTarget.value)}
            />
            <Group justify="end">
              <Button variant="default" onClick={close}>Keep it</Button>
              <Button type="submit" color="live" disabled={!reason.trim()} loading={control.isPending}>Withdraw the lot</Button>
            </Group>
          </Stack>
        </form>
      </Dialog>
    </>
  );
}
