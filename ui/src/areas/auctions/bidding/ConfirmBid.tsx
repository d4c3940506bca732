import { Button, Group, Text } from "@mantine/core";
import { money } from "../../../shell/format";
import { Dialog } from "../../../shell/Dialog";
import type { BidState, Intent } from "./useBid";

export interface ConfirmBidProps {
  state: BidState;
  currency: string;
  onConfirm: (intent: Intent) => void;
  onCancel: () => void;
}

/** Asks once more about a bid that looks like a slip of the finger, when the server asks for that. */
export function ConfirmBid({ state, currency, onConfirm, onCancel }: ConfirmBidProps) {
  const asked = state.kind === "confirm" ? state : undefined;
  return (
    <Dialog title="Did you mean that much?" isOpen={asked !== undefined} onClose={onCancel}>
      {asked && (
        <>
          <Text data-testid="confirm-message">{asked.message}.</Text>
          <Group justify="end">
            <Button variant="default" data-autofocus onClick={onCancel}>No, go back</Button>
            <Button color="live" onClick={() => onConfirm(asked.intent)}>Bid {money(asked.intent.body.amount, currency)}</Button>
          </Group>
        </>
      )}
    </Dialog>
  );
}
