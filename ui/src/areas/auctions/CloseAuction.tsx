import { Alert, Button, Group, Modal, Stack, Text, TextInput, Title } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { IconAlertCircle, IconGavel } from "@tabler/icons-react";
import { useId, useState } from "react";
import { sentence } from "../../api/error";
import type { Auction } from "../../api/types";
import { ApiEcho } from "../../shell/ApiEcho";
import { useCloseAuction } from "./queries";

const WORD = "close";

/** Closes the auction before its time, after the seller has typed a word: it cannot be undone. */
export function CloseAuction({ auction }: { auction: Auction }) {
  const [isOpen, { open, close: dismiss }] = useDisclosure(false);
  const titleId = useId();
  const [typed, setTyped] = useState("");
  const closeAuction = useCloseAuction(auction.auction_id);
  const isConfirmed = typed.trim().toLowerCase() === WORD;
  const submit = () =>
    closeAuction.mutate(undefined, {
      onSuccess: ({ message }) => {
        dismiss();
        notifications.show({ title: auction.title, message });
      },
    });
  const cancel = () => {
    setTyped("");
    closeAuction.reset();
    dismiss();
  };
  return (
    <>
      <Button color="live" variant="light" leftSection={<IconGavel size={18} />} onClick={open}>Close auction</Button>
      <Modal opened={isOpen} onClose={cancel} withCloseButton={false} aria-labelledby={titleId} centered padding="lg">
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (isConfirmed) submit();
          }}
        >
          <Stack gap="md">
            <Title order={2} id={titleId}>Close this auction now?</Title>
            <Text>
              “{auction.title}” ends at once for everyone, the broadcast stops, and its stream key stops working. This
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
              <Button variant="default" onClick={cancel}>Keep it open</Button>
              <Button type="submit" color="live" disabled={!isConfirmed} loading={closeAuction.isPending}>Close for good</Button>
            </Group>
            <ApiEcho method="POST" path={`/api/auctions/${auction.auction_id}/close`} isAuthorised />
          </Stack>
        </form>
      </Modal>
    </>
  );
}
