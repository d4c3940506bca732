import { Button, NumberInput, SegmentedControl, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { money, moneyDigits } from "../../../shell/format";

export interface OwnBidProps {
  next: number;
  currency: string;
  /** The visible price; what a leader's raised maximum is bid at. */
  price: number;
  isWinning: boolean;
  /** The reader's own maximum so far; nobody else is shown it. */
  ownMax: number | undefined;
  isProxyAllowed: boolean;
  /** The bid that was accepted last: its figure is done with. */
  accepted: string | null;
  isSending: boolean;
  isDisabled: boolean;
  onBid: (amount: number, max?: number) => void;
}

type Mode = "amount" | "max";

/** A bid of the reader's own figure: an exact amount, or a maximum up to which the house bids for them. */
export function OwnBid(props: OwnBidProps) {
  const { next, currency, price, isWinning, ownMax, isProxyAllowed, accepted, isSending, isDisabled, onBid } = props;
  const [mode, setMode] = useState<Mode>("amount");
  const [typed, setTyped] = useState<number | string>("");
  const [error, setError] = useState<string>();
  const [done, setDone] = useState(accepted);
  if (done !== accepted) {
    setDone(accepted);
    if (accepted !== null) setTyped("");
  }
  const isMax = isProxyAllowed && mode === "max";
  // A leader raises a maximum without raising the price against themselves.
  const isRaise = isMax && isWinning;
  const least = isRaise ? Math.max(price, ownMax ?? price) : next;

  const submit = (event: React.SyntheticEvent) => {
    event.preventDefault();
    const figure = Number(typed);
    if (typed === "" || !(figure >= least) || (isRaise && figure <= least)) {
      setError(isRaise ? `Write more than ${money(least, currency)}` : `Write ${money(least, currency)} or more`);
      return;
    }
    setError(undefined);
    if (isMax) onBid(isRaise ? price : next, figure);
    else onBid(figure);
  };
  return (
    <form noValidate onSubmit={submit}>
      <Stack gap="xs">
        {isProxyAllowed && (
          <SegmentedControl
            aria-label="Kind of bid" size="sm" fullWidth value={mode}
            onChange={(value) => {
              setMode(value === "max" ? "max" : "amount");
              setError(undefined);
            }}
            data={[{ value: "amount", label: "Exact amount" }, { value: "max", label: "Maximum" }]}
          />
        )}
        <NumberInput
          label={isMax ? "Your maximum" : "Your bid"} placeholder={String(next)} value={typed} onChange={setTyped} error={error}
          min={0} decimalScale={moneyDigits(currency)} thousandSeparator=" " hideControls inputMode="decimal" leftSection={currencySign(currency)}
          data-testid="own-amount"
        />
        {isMax && (
          <Text size="sm" c="dimmed">
            {isRaise
              ? "You lead already: this only raises how far we go for you."
              : "We bid for you, one step at a time and only as far as needed to stay in front, up to this amount."}
            {" "}Nobody else sees it.
          </Text>
        )}
        <Button type="submit" variant="default" loading={isSending} disabled={isDisabled} data-testid="own-bid">
          {isRaise ? "Raise the maximum" : isMax ? "Bid with a maximum" : "Place this bid"}
        </Button>
        {isWinning && ownMax !== undefined && ownMax > price && (
          <Text size="sm" data-testid="own-max">Your maximum: <b className="figures">{money(ownMax, currency)}</b></Text>
        )}
      </Stack>
    </form>
  );
}

function currencySign(currency: string): string {
  const parts = new Intl.NumberFormat("en", { style: "currency", currency, currencyDisplay: "narrowSymbol" }).formatToParts(0);
  return parts.find((part) => part.type === "currency")?.value ?? currency;
}
