import { Button, Grid, Group, Stack, Text } from "@mantine/core";
import { IconExternalLink } from "@tabler/icons-react";
import { Link, useParams } from "react-router";
import { ApiError, sentence } from "../../api/error";
import type { Auction } from "../../api/types";
import { Empty } from "../../shell/Empty";
import { Loading } from "../../shell/Loading";
import { NotFoundPage } from "../../shell/NotFoundPage";
import { Page } from "../../shell/Page";
import { mayUseDesk } from "../accounts/roles";
import { useSession } from "../accounts/useSession";
import { CostMeter } from "../broadcasts/costs/CostMeter";
import { HealthPanel } from "../broadcasts/HealthPanel";
import { AuctionBadge } from "./AuctionBadge";
import { AuctionPicture } from "./AuctionPicture";
import { useCost } from "./cost";
import { GoLive } from "./GoLive";
import { BidPanel } from "./bidding/BidPanel";
import { useLiveAuction } from "./live";
import { lotOf } from "./lot";
import { PicturesPanel } from "./pictures/PicturesPanel";
import { useAuction, useHealth } from "./queries";
import { SellerControls } from "./selling/SellerControls";

/** Where the seller goes live, watches the broadcast's health and closes the auction. */
export default function DeskPage() {
  const { id = "" } = useParams();
  const auction = useAuction(id);
  const session = useSession();
  if (auction.isPending) return <Loading label="Opening the desk" />;
  if (auction.data) return mayUseDesk(auction.data, session) ? <Desk key={id} auction={auction.data} /> : <NotYours id={id} />;
  if (auction.error instanceof ApiError && auction.error.status === 404) return <NotFoundPage />;
  return (
    <Page title="Seller’s desk" isHeadingHidden>
      <Empty title={sentence(auction.error)} action={<Button onClick={() => void auction.refetch()}>Try again</Button>} />
    </Page>
  );
}

function NotYours({ id }: { id: string }) {
  return (
    <Page title="Seller’s desk" isHeadingHidden>
      <Empty title="This desk belongs to another seller" action={<Button component={Link} to={`/auctions/${id}`}>Go to the room</Button>}>
        Only the seller of an auction, and administrators, can stream to it and close it.
      </Empty>
    </Page>
  );
}

function Desk({ auction }: { auction: Auction }) {
  const id = auction.auction_id;
  const live = useLiveAuction(id, auction.status === "live");
  const lot = lotOf(auction, live);
  const isLive = lot.status === "live";
  const health = useHealth(id, isLive);
  const cost = useCost(id, isLive);
  return (
    <Page
      title={auction.title}
      lead={
        <Group gap="sm">
          <AuctionBadge phase={lot.phase} video={lot.video.state} />
          <span>Seller’s desk</span>
        </Group>
      }
      actions={
        <Button component={Link} to={`/auctions/${id}`} variant="default" leftSection={<IconExternalLink size={18} />}>
          The room
        </Button>
      }
    >
      <Grid gap="xl">
        <Grid.Col span={{ base: 12, md: 6 }}>
          <Stack gap="lg">
            {isLive ? <GoLive id={id} videoState={lot.video.state} /> : (
              <Empty title="This auction is closed" action={<Button component={Link} to="/auctions/new">Sell something else</Button>}>
                Its channel and stream key are gone; nobody can stream to it any more.
              </Empty>
            )}
            <BidPanel lot={lot} clockChanges={live.clockChanges} controls={<SellerControls lot={lot} />} onAnswer={live.onAnswer} isRun />
            {isLive && <PicturesPanel auction={auction} />}
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 6 }}>
          <Stack gap="lg">
            <div>
              <AuctionPicture lot={lot} endReason={live.endReason} />
              <Text size="sm" c="dimmed" mt="xs">What your viewers see.</Text>
            </div>
            <HealthPanel health={health} isLive={isLive} />
            <CostMeter cost={cost} />
          </Stack>
        </Grid.Col>
      </Grid>
    </Page>
  );
}
