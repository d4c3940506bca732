import { Alert, Button, Code, Skeleton, Stack } from "@mantine/core";
import { IconAlertCircle } from "@tabler/icons-react";
import { Link } from "react-router";
import { sentence } from "../../api/error";
import type { LiveTile } from "../../api/types";
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
  const live = now.data?.live ?? [];
  return (
    <Page title="Now" lead={<span role="status">{now.data && live.length > 0 ? `${count(live.length, "broadcast")} on air` : "What is on air"}</span>}>
      {now.error && <Alert color="live" icon={<IconAlertCircle />} title={sentence(now.error)} role="alert" />}
      {now.isPending && <Skeleton h={280} radius="lg" aria-label="Loading" role="status" />}
      {now.data && live.length === 0 && <Quiet />}
      {live.length > 0 && (
        <ul className={classes.grid} aria-label="On air">
          {live.map((tile) => <li key={tile.id}><AuctionCard {...cardOf(tile)} /></li>)}
        </ul>
      )}
    </Page>
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
      <Stack gap="xs" align="center">
        <span>The moment somebody goes live, the picture appears here. No camera at hand? Run</span>
        <Code block>rostrum demo auction</Code>
        <span>next to the server: it streams a synthetic host into an auction of its own.</span>
      </Stack>
    </Empty>
  );
}

function cardOf(tile: LiveTile): AuctionCardProps {
  return {
    id: tile.id,
    title: tile.title,
    seller: tile.seller_name,
    imageUrl: tile.image_url,
    status: "live",
    video: tile.video,
    price: tile.current_high_bid === null
      ? undefined
      : { label: "Highest bid", amount: tile.current_high_bid, currency: tile.currency },
    endMs: Date.parse(tile.ends_at),
  };
}
