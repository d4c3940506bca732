import { Button, Paper, Stack, Table, Text, Title } from "@mantine/core";
import { useState } from "react";
import { clockTime, count, money } from "../../../shell/format";
import type { PublicBid } from "../../../api/types";
import type { Lot } from "../lot";
import { useBids } from "../queries";
import classes from "./BidHistory.module.css";
import { type Bid, mergeBids, priceSteps, statusOf } from "./bidLog";
import { PricePlot } from "./PricePlot";

const ROWS = 8;

/** Who leads, how the price came about, and every bid under its alias. */
export function BidHistory({ lot, told }: { lot: Lot; told: Bid[] }) {
  const fetched = useBids(lot.auction_id);
  const [isAll, setIsAll] = useState(false);
  const bids = mergeBids(fetched.data?.bids ?? [], told);
  const shown = isAll ? bids : bids.slice(0, ROWS);
  return (
    <Paper withBorder p={{ base: "md", sm: "lg" }} component="section" aria-labelledby="bids">
      <Stack gap="md">
        <Title order={2} id="bids">Bids</Title>
        {lot.bid_count === 0 && bids.length === 0
          ? <Text c="dimmed">Nobody has bid yet. The first bid is {money(lot.starting_bid, lot.currency)} or more.</Text>
          : (
            <>
              <Leaders lot={lot} />
              <PricePlot steps={priceSteps(bids, lot.your_bidder_id)} startingBid={lot.starting_bid} currency={lot.currency} />
              <BidTable lot={lot} bids={bids} shown={shown} />
              {bids.length > ROWS && (
                <Button variant="subtle" size="compact-sm" w="fit-content" onClick={() => setIsAll(!isAll)} aria-expanded={isAll}>
                  {isAll ? "Fewer" : `All ${count(bids.length, "line")}`}
                </Button>
              )}
            </>
          )}
      </Stack>
    </Paper>
  );
}

function Leaders({ lot }: { lot: Lot }) {
  if (lot.top_bids.length < 2) return null;
  return (
    <ol className={classes.leaders} aria-label="Highest bidders">
      {lot.top_bids.map((top, index) => (
        <li key={top.bidder_id} data-first={index === 0 || undefined}>
          <span className={classes.rank} aria-hidden>{index + 1}</span>
          <span>{top.bidder_id === lot.your_bidder_id ? "(You)" : top.bidder}</span>
          <b className="figures">{money(top.amount, lot.currency)}</b>
        </li>
      ))}
    </ol>
  );
}

const STATES: Record<PublicBid["status"], string> = { leading: "Leading", outbid: "Outbid", retracted: "Taken back" };
const KINDS: Record<PublicBid["kind"], string> = { bid: "", proxy: "by maximum", buy_now: "bought now" };

function BidTable({ lot, bids, shown }: { lot: Lot; bids: Bid[]; shown: Bid[] }) {
  return (
    <Table className={classes.table ?? ""} verticalSpacing={6} data-testid="bid-table">
      <caption className="visually-hidden">Bids, newest first</caption>
      <Table.Thead className="visually-hidden">
        <Table.Tr><Table.Th>Bidder</Table.Th><Table.Th>Amount</Table.Th><Table.Th>Time</Table.Th></Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {shown.map((bid) => {
          const status = statusOf(bid, bids, lot.high_bidder_id);
          const isYou = bid.bidder_id === lot.your_bidder_id;
          return (
            <Table.Tr key={bid.seq} data-status={status} data-you={isYou || undefined}>
              <Table.Td>
                {isYou ? <b>(You)</b> : bid.bidder}
                <span className={classes.note}>{[STATES[status], KINDS[bid.kind]].filter(Boolean).join(", ")}</span>
              </Table.Td>
              <Table.Td className="figures">{money(bid.amount, lot.currency)}</Table.Td>
              <Table.Td className={classes.time ?? ""}>
                <time dateTime={new Date(bid.at_ms).toISOString()}>{clockTime(bid.at_ms)}</time>
              </Table.Td>
            </Table.Tr>
          );
        })}
      </Table.Tbody>
    </Table>
  );
}
