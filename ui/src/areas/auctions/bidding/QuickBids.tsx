import { Button, Group } from "@mantine/core";
import { useState } from "react";
import { addMoney, money } from "../../../shell/format";
import classes from "./QuickBids.module.css";

export interface QuickBidsProps {
  /** The smallest bid the server takes. */
  next: number;
  increment: number;
  currency: string;
  /** The amount that is on its way; its button shows it. */
  sending: number | undefined;
  isDisabled: boolean;
  onBid: (amount: number) => void;
}

/** Two bids at one press: the next amount, and one increment more. */
export function QuickBids({ next, increment, currency, sending, isDisabled, onBid }: QuickBidsProps) {
  // While a finger is down its button keeps the amount that was read: the price may move under it.
  const [held, setHeld] = useState<{ index: number; amount: number }>();
  const release = () => setHeld(undefined);
  return (
    <Group grow gap="sm" wrap="nowrap" preventGrowOverflow={false}>
      {[next, addMoney(next, increment, currency)].map((current, index) => {
        const amount = held?.index === index ? held.amount : current;
        return (
          <Button
            key={index} size="md" px="xs" classNames={{ root: classes.button ?? "", label: classes.label ?? "" }} variant={index === 0 ? "filled" : "light"} data-testid={`quick-bid-${index + 1}`}
            loading={sending === amount} disabled={isDisabled}
            onPointerDown={() => setHeld({ index, amount: current })} onPointerLeave={release} onPointerCancel={release}
            onClick={() => {
              release();
              onBid(amount);
            }}
          >
            <span>Bid</span> <span>{money(amount, currency)}</span>
          </Button>
        );
      })}
    </Group>
  );
}
