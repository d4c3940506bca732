import { Group, Text } from "@mantine/core";
import { IconCalendarTime, IconClock, IconEye } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { Link } from "react-router";
import type { Auction, Phase, Video } from "../../api/types";
import { count, date, money } from "../../shell/format";
import { AuctionBadge } from "./AuctionBadge";
import classes from "./AuctionCard.module.css";
import { Poster } from "../../shell/Poster";
import { TimeLeft } from "./TimeLeft";

export interface AuctionCardProps {
  id: string;
  title: string;
  seller: string;
  imageUrl: string | null;
  phase: Phase;
  video: Video;
  price: { label: string; amount: number; currency: string } | undefined;
  endMs: number;
  /** When it begins, for one that has not. */
  startMs?: number | null;
  endedAt?: string | null;
}

/** One auction in a grid. The whole card is one link. */
export function AuctionCard({ id, title, seller, imageUrl, phase, video, price, endMs, startMs, endedAt }: AuctionCardProps) {
  return (
    <Link to={`/auctions/${id}`} className={classes.card} data-testid="auction-card">
      <div className={classes.picture}>
        <Poster url={imageUrl} title={title} />
        <div className={classes.badges}>
          <AuctionBadge phase={phase} video={video.state} />
        </div>
      </div>
      <div className={classes.text}>
        <Text component="h2" fw={600} lineClamp={2} className={classes.title}><bdi>{title}</bdi></Text>
        <Text size="sm" c="dimmed" truncate><bdi>{seller}</bdi></Text>
        <Group justify="space-between" align="end" gap="xs" mt="auto" pt="sm">
          {price ? (
            <div>
              <Text size="xs" c="dimmed">{price.label}</Text>
              <Text fw={600} className="figures">{money(price.amount, price.currency)}</Text>
            </div>
          ) : <span />}
          <div className={classes.facts}>
            {phase === "open" && <Fact icon={<IconClock size={15} aria-hidden />}><TimeLeft endMs={endMs} isCoarse /></Fact>}
            {phase === "scheduled" && (
              <Fact icon={<IconCalendarTime size={15} aria-hidden />}>starts in <TimeLeft endMs={startMs ?? endMs} isCoarse /></Fact>
            )}
            {phase === "open" && video.state === "live" && (
              <Fact icon={<IconEye size={15} aria-hidden />}>{count(video.viewers, "viewer")}</Fact>
            )}
            {endedAt && <Fact icon={<IconClock size={15} aria-hidden />}>{date(endedAt)}</Fact>}
          </div>
        </Group>
      </div>
    </Link>
  );
}

function Fact({ icon, children }: { icon: ReactNode; children: ReactNode }) {
  return <span className={classes.fact}>{icon}{children}</span>;
}

/** The card of an auction as the API describes it. */
export function cardOf(auction: Auction): AuctionCardProps {
  const { starting_bid, current_high_bid, winning_bid, currency } = auction;
  return {
    id: auction.auction_id,
    title: auction.title,
    seller: auction.seller_name,
    imageUrl: auction.thumbnail_url,
    phase: auction.phase,
    video: auction.video,
    price: winning_bid !== null
      ? { label: "Sold for", amount: winning_bid, currency }
      : current_high_bid !== null
        ? { label: "Highest bid", amount: current_high_bid, currency }
        : { label: "Starting bid", amount: starting_bid, currency },
    endMs: auction.end_time_ms,
    startMs: auction.starts_at_ms,
    endedAt: auction.ended_at,
  };
}
