import { Alert, Anchor, Button, Skeleton, Stack, Title } from "@mantine/core";
import { IconAlertCircle } from "@tabler/icons-react";
import { Link } from "react-router";
import { sentence } from "../../api/error";
import type { LiveTile, Now } from "../../api/types";
import { DemoCommand } from "../../shell/DemoCommand";
import { Empty } from "../../shell/Empty";
import { count } from "../../shell/format";
import { Page } from "../../shell/Page";
import { AuctionCard, type AuctionCardProps } from "../auctions/AuctionCard";
import classes from "../auctions/AuctionCard.module.css";
import { useAuctionsChanged } from "../auctions/live";
import { useNow } from "../auctions/queries";

/** What is live at this moment. */
export function NowPage() {
  const now = useNow();
  useAuctionsChanged();
  return (
    <Page title="Now" lead={<span role="status">{now.data ? summary(now.data.counts) : "What is on air"}</span>}>
      {now.error && <Alert color="live" icon={<IconAlertCircle />} title={sentence(now.error)} role="alert" />}
      {now.isPending && <Skeleton h={280} radius="lg" aria-label="Loading" role="status" />}
      {now.data && <Tiles {...now.data} />}
    </Page>
  );
}

function summary({ on_air, auctions, viewers }: Now["counts"]): string {
  if (auctions === 0) return "What is on air";
  return `${on_air} on air, ${count(viewers, "viewer")}, ${count(auctions, "running auction")}`;
}

function Tiles({ live, counts }: Now) {
  const onAir = live.filter(({ video }) => video.state === "live");
  const others = live.filter(({ video }) => video.state !== "live");
  return (
    <>
      {onAir.length > 0 ? <Grid label="On air" tiles={onAir} /> : <Quiet />}
      {others.length > 0 && (
        <Stack component="section" gap="md" aria-labelledby="off-air">
          <Title order={2} id="off-air">Not on air</Title>
          <Grid label="Not on air" tiles={others} />
        </Stack>
      )}
      {counts.auctions > live.length && (
        <Anchor component={Link} to="/auctions">See all {count(counts.auctions, "running auction")}</Anchor>
      )}
    </>
  );
}

function Grid({ label, tiles }: { label: string; tiles: LiveTile[] }) {
  return (
    <ul className={classes.grid} aria-label={label}>
      {tiles.map((tile) => <li key={tile.id}><AuctionCard {...cardOf(tile)} /></li>)}
    </ul>
  );
}

function Quiet() {
  return (
    <Empty
      title="Nothing is on air"
      action={
        <>
          <Button component={Link} to="/auctions/new">Start an auction</Button>
          <Button component={Link} to="/auctions" variant="default">See all auctions</Button>
        </>
      }
    >
      <Stack gap="sm">
        <span>The moment somebody goes live, the picture appears here. No camera at hand? A synthetic host streams into an auction of its own:</span>
        <DemoCommand />
      </Stack>
    </Empty>
  );
}

function cardOf(tile: LiveTile): AuctionCardProps {
  return {
    id: tile.id,
    title: tile.title,
    seller: tile.seller_name,
    imageUrl: tile.thumbnail_url,
    phase: tile.phase,
    video: tile.video,
    price: tile.current_high_bid === null
      ? undefined
      : { label: "Highest bid", amount: tile.current_high_bid, currency: tile.currency },
    startMs: tile.starts_at === null ? null : Date.parse(tile.starts_at),
    endMs: Date.parse(tile.ends_at),
  };
}
