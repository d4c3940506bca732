import { Alert, Anchor, Button, Skeleton, Stack, Text, Title } from "@mantine/core";
import { IconAlertCircle, IconEye } from "@tabler/icons-react";
import { Link } from "react-router";
import { sentence } from "../../api/error";
import type { LiveChannel, LiveTile, Now } from "../../api/types";
import { DemoCommand } from "../../shell/DemoCommand";
import { Empty } from "../../shell/Empty";
import { count } from "../../shell/format";
import { Page } from "../../shell/Page";
import { Poster } from "../../shell/Poster";
import { AuctionBadge } from "../auctions/AuctionBadge";
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

function Tiles({ live, channels, counts }: Now) {
  const onAir = live.filter(({ video }) => video.state === "live");
  const others = live.filter(({ video }) => video.state !== "live");
  return (
    <>
      {channels.length > 0 && (
        <Stack component="section" gap="md" aria-labelledby="channels">
          <Title order={2} id="channels">Channels</Title>
          <ul className={classes.grid} aria-label="Channels on air">
            {channels.map((channel) => <li key={channel.id}><ChannelTile {...channel} /></li>)}
          </ul>
        </Stack>
      )}
      {onAir.length > 0 && (
        <Stack component="section" gap="md" aria-labelledby="auctions">
          {channels.length > 0 ? <Title order={2} id="auctions">Auctions</Title> : <span id="auctions" hidden>Auctions</span>}
          <Grid label="On air" tiles={onAir} />
        </Stack>
      )}
      {onAir.length + channels.length === 0 && <Quiet />}
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

/** A channel on air in the grid. The whole card is one link. */
function ChannelTile({ id, name, thumbnail_url, video }: LiveChannel) {
  return (
    <Link to={`/watch/${id}`} className={classes.card} data-testid="channel-tile">
      <div className={classes.picture}>
        <Poster url={thumbnail_url} title={name} />
        <div className={classes.badges}><AuctionBadge phase="open" video={video.state} /></div>
      </div>
      <div className={classes.text}>
        <Text component="h3" fw={600} lineClamp={2} className={classes.title}><bdi>{name}</bdi></Text>
        <Text size="sm" c="dimmed"><IconEye size={15} aria-hidden /> {count(video.viewers, "viewer")}</Text>
      </div>
    </Link>
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
