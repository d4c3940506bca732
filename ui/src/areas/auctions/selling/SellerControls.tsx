import { Alert, Button, Group, NumberInput, Stack, Text } from "@mantine/core";
import { IconAlertCircle, IconPlayerPause, IconPlayerPlay } from "@tabler/icons-react";
import { useState } from "react";
import { sentence } from "../../../api/error";
import { money } from "../../../shell/format";
import { CloseAuction } from "../CloseAuction";
import { type Lot, priceOf } from "../lot";
import { useControl } from "../queries";
import { Withdraw } from "./Withdraw";

/** What the seller does in place of bidding: hold, prolong, end. */
export function SellerControls({ lot }: { lot: Lot }) {
  const control = useControl(lot.auction_id);
  const isPaused = lot.phase === "paused";
  return (
    <Stack gap="sm" data-testid="seller-controls">
      <Text size="sm" role="status" data-testid="who-leads">
        {lot.high_bidder_username
          ? <><b>{lot.high_bidder_username}</b> leads with {money(priceOf(lot), lot.currency)}.</>
          : "Nobody leads yet."}
        {lot.reserve_price != null && ` Your reserve is ${money(lot.reserve_price, lot.currency)}.`}
      </Text>
      {control.error && <Alert role="alert" p="xs" color="live" icon={<IconAlertCircle />} title={sentence(control.error)} />}
      {lot.phase !== "scheduled" && (
        <Button
          variant="default" loading={control.isPending && control.variables.kind !== "extend"}
          leftSection={isPaused ? <IconPlayerPlay size={18} /> : <IconPlayerPause size={18} />}
          onClick={() => control.mutate({ kind: isPaused ? "resume" : "pause" })}
        >
          {isPaused ? "Resume" : "Pause"}
        </Button>
      )}
      {lot.phase !== "scheduled" && (
        <Extend isSending={control.isPending && control.variables.kind === "extend"}
          onExtend={(seconds) => control.mutate({ kind: "extend", seconds })} />
      )}
      <Group gap="sm" grow preventGrowOverflow={false}>
        <Withdraw lot={lot} />
        <CloseAuction auction={lot} />
      </Group>
    </Stack>
  );
}

const MINUTES_MAX = 24 * 60;

function Extend({ isSending, onExtend }: { isSending: boolean; onExtend: (seconds: number) => void }) {
  const [minutes, setMinutes] = useState<number | string>(10);
  const custom = Number(minutes);
  return (
    <div role="group" aria-label="Extend">
      <Group gap="xs" align="end" wrap="nowrap">
        <Button variant="default" px="sm" disabled={isSending} onClick={() => onExtend(60)}>+1 min</Button>
        <Button variant="default" px="sm" disabled={isSending} onClick={() => onExtend(300)}>+5 min</Button>
        <NumberInput
          aria-label="Minutes to add" value={minutes} onChange={setMinutes} min={1} max={MINUTES_MAX} allowDecimal={false} hideControls
          suffix=" min" flex={1} miw="4.5rem"
        />
        <Button
          variant="default" px="sm" loading={isSending} disabled={!(custom >= 1 && custom <= MINUTES_MAX)}
          onClick={() => onExtend(custom * 60)}
        >
          Add
        </Button>
      </Group>
    </div>
  );
}
