import { Alert, Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { IconAlertCircle, IconGavel } from "@tabler/icons-react";
import { useState } from "react";
import { sentence } from "../../api/error";
import type { Auction } from "../../api/types";
import { ApiEcho } from "../../shell/ApiEcho";
import { Dialog } from "../../shell/Dialog";
import { shorten } from "../../shell/format";
import { useCloseAuction } from "./queries";

const WORD = "close";

/** Closes the auction before its time, after the seller has typed a word: it cannot be undone. */
export function CloseAuction({ auction }: { auction: Auction }) {
  const [isOpen, { open, close: dismiss }] = useDisclosure(false);
  const [typed, setTyped] = useState("");
  const closeAuction = useCloseAuction(auction.auction_id);
  const isConfirmed = typed.trim().toLowerCase() === WORD;
  const title = shorten(auction.title);
  const submit = () =>
    closeAuction.mutate(undefined, {
      onSuccess: ({ message }) => {
        dismiss();
        notifications.show({ title, message });
      },
    });
  const forget = () => {
    setTyped("");
    closeAuction.reset();
  };
  return (
    <>
      <Button color="live" variant="light" leftSection={<IconGavel size={18} />} onClick={open}>Close auction</Button>
      <Dialog title="Close this auction now?" isOpen={isOpen} onClose={dismiss} onClosed={forget}>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (isConfirmed) submit();
          }}
        >
          <Stack gap="md">
            <Text>
              “<bdi>{title}</bdi>” ends at once for everyone, the broadcast stops, and its stream key stops working. This
              cannot be undone.
            </Text>
            {closeAuction.error && (
              <Alert role="alert" color="live" icon={<IconAlertCircle />} title={sentence(closeAuction.error)} />
            )}
            <TextInput
              label={<>Type <b>{WORD}</b> to confirm</>} data-autofocus autoComplete="off" value={typed}
              onChange={(event) => setTyped(event.currentTarget.value)}
            />
            <Group justify="end">
              <Button variant="default" onClick={dismiss}>Keep it open</Button>
              <Button type="submit" color="live" disabled={!isConfirmed} loading={closeAuction.isPending}>Close for good</Button>
            </Group>
            <ApiEcho method="POST" path={`/api/auctions/${auction.auction_id}/close`} isAuthorised />
          </Stack>
        </form>
      </Dialog>
    </>
  );
}
