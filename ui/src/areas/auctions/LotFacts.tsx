import { Paper, Title } from "@mantine/core";
import { Fact, Facts } from "../../shell/Facts";
import { dateTime, duration, money } from "../../shell/format";
import { categoryLabel } from "./categories";
import type { Lot } from "./lot";

/** What is sold, by whom, on which terms and when. */
export function LotFacts({ lot }: { lot: Lot }) {
  const { currency } = lot;
  return (
    <Paper withBorder p="lg" component="section" aria-labelledby="facts">
      <Title order={2} id="facts" mb="sm">Facts</Title>
      <Facts>
        {lot.category && <Fact name="Category">{categoryLabel(lot.category)}</Fact>}
        <Fact name="Condition">{lot.condition}</Fact>
        <Fact name="Seller"><bdi>{lot.seller_name}</bdi></Fact>
        <Fact name="Starting bid">{money(lot.starting_bid, currency)}</Fact>
        <Fact name="Increment">{money(lot.bid_increment, currency)}</Fact>
        {lot.bid_count > 0 && <Fact name="Bids">{lot.bid_count}</Fact>}
        <Fact name="Started">{dateTime(lot.starts_at ?? lot.created_at)}</Fact>
        {lot.status === "closed"
          ? <Fact name="Ended">{dateTime(lot.ended_at ?? lot.end_time)}</Fact>
          : <Fact name="Ends">{lot.phase === "paused" ? "Paused" : dateTime(new Date(lot.end_time_ms).toISOString())}</Fact>}
        <Fact name="Runs for">{duration(lot.duration * 1000)}</Fact>
      </Facts>
    </Paper>
  );
}
