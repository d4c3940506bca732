import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { IconAlertCircle, IconCircleCheck, IconClock } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { money } from "../../../shell/format";
import type { BidState, Intent } from "./useBid";

/** What came of the last bid, in the server's words. Its place is always there and is read out. */
export function BidFeedback({ state, currency, onAgain }: { state: BidState; currency: string; onAgain: (intent: Intent) => void }) {
  return (
    <div role="status" aria-live="polite" data-testid="bid-feedback">
      {state.kind === "accepted" && (
        <Group gap={6} wrap="nowrap" c="var(--accent)">
          <IconCircleCheck size={18} aria-hidden style={{ flex: "none" }} />
          <Text size="sm" fw={550}>
            {money(state.answer.your_bid, currency)}
            {state.answer.your_max_bid > state.answer.your_bid && `, up to ${money(state.answer.your_max_bid, currency)}`}
            : {state.answer.message}
            {state.answer.anti_snipe_triggered && ". It moved the end"}
          </Text>
        </Group>
      )}
      {state.kind === "outbid" && (
        <Alert color="live" p="xs" icon={<IconAlertCircle />} title={state.answer.message}>
          {state.answer.current_high_bid !== null && `The price is ${money(state.answer.current_high_bid, currency)} now.`}
        </Alert>
      )}
      {state.kind === "refused" && <Alert color="live" p="xs" icon={<IconAlertCircle />} title={state.message} />}
      {state.kind === "held" && <Held key={state.intent.key} {...state} onAgain={onAgain} />}
    </div>
  );
}

type HeldProps = Extract<BidState, { kind: "held" }> & { onAgain: (intent: Intent) => void };

/** The same bid can be sent again, after the time that the server asked for. */
function Held({ intent, message, waitS, onAgain }: HeldProps) {
  const leftS = useSecondsLeft(waitS);
  return (
    <Alert color="brass" p="xs" icon={<IconClock />} title={message}>
      <Stack gap="xs" align="start">
        {leftS > 0 && <Text size="sm">The server asks for {leftS} s of patience.</Text>}
        <Button size="compact-sm" variant="default" disabled={leftS > 0} onClick={() => onAgain(intent)}>Send it again</Button>
      </Stack>
    </Alert>
  );
}

function useSecondsLeft(fromS: number): number {
  const [leftS, setLeftS] = useState(fromS);
  useEffect(() => {
    if (leftS <= 0) return;
    const timer = setTimeout(() => setLeftS(leftS - 1), 1000);
    return () => clearTimeout(timer);
  }, [leftS]);
  return leftS;
}
