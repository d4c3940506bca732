import { Paper, Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import type { Auction, AuctionState } from "../../api/types";
import { count, dateTime, duration, money } from "../../shell/format";
import { categoryLabel } from "./categories";
import classes from "./LotPanel.module.css";
import { TimeLeft } from "./TimeLeft";

export interface LotPanelProps {
  auction: Auction;
  status: Auction["status"];
  state: AuctionState | undefined;
  endMs: number;
}

/** Price, time and facts of the lot. */
export function LotPanel({ auction, status, state, endMs }: LotPanelProps) {
  const { currency } = auction;
  const highest = state?.current_high_bid ?? auction.current_high_bid;
  const isClosed = status === "closed";
  return (
    <Paper withBorder p="lg" component="section" aria-label="The lot">
      <Stack gap="md">
        <div>
          <Text size="sm" c="dimmed">{priceLabel(isClosed, auction, highest)}</Text>
          <Text className={`figures ${classes.price ?? ""}`} data-testid="price">
            {money(auction.winning_bid ?? highest ?? auction.starting_bid, currency)}
          </Text>
        </div>
        {!isClosed && (
          <div>
            <Text size="sm" c="dimmed">Ends in</Text>
            <Text className={classes.time} component="div"><TimeLeft endMs={endMs} /></Text>
          </div>
        )}
        <Title order={2} className="visually-hidden">Facts</Title>
        <dl className={classes.facts}>
          {highest !== null && <Fact name="Starting bid">{money(auction.starting_bid, currency)}</Fact>}
          {auction.bid_count > 0 && <Fact name="Bids">{count(auction.bid_count, "bid")}</Fact>}
          {auction.category && <Fact name="Category">{categoryLabel(auction.category)}</Fact>}
          <Fact name="Condition">{auction.condition}</Fact>
          <Fact name="Seller"><bdi>{auction.seller_name}</bdi></Fact>
          <Fact name="Started">{dateTime(auction.created_at)}</Fact>
          {isClosed
            ? <Fact name="Ended">{dateTime(auction.ended_at ?? auction.end_time)}</Fact>
            : <Fact name="Ends">{dateTime(new Date(endMs).toISOString())}</Fact>}
          <Fact name="Runs for">{duration(auction.duration * 1000)}</Fact>
        </dl>
      </Stack>
    </Paper>
  );
}

function priceLabel(isClosed: boolean, auction: Auction, highest: number | null): string {
  if (auction.winning_bid !== null) return "Sold for";
  if (highest !== null) return "Highest bid";
  return isClosed ? "Started at, no bids" : "Starting bid";
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
