import { Button, Group, Text, Title } from "@mantine/core";
import { IconLayoutDashboard } from "@tabler/icons-react";
import { Link, useParams } from "react-router";
import { ApiError, sentence } from "../../api/error";
import type { Auction } from "../../api/types";
import { Empty } from "../../shell/Empty";
import { shorten } from "../../shell/format";
import { Loading } from "../../shell/Loading";
import { NotFoundPage } from "../../shell/NotFoundPage";
import { Page } from "../../shell/Page";
import { mayUseDesk } from "../accounts/roles";
import { useSession } from "../accounts/useSession";
import { AuctionBadge } from "./AuctionBadge";
import { AuctionPicture } from "./AuctionPicture";
import { useLiveAuction } from "./live";
import { LotPanel } from "./LotPanel";
import { Gallery } from "./pictures/Gallery";
import { useAuction } from "./queries";
import classes from "./RoomPage.module.css";

// The lot's facts carry the whole name.
const SELLER_CHARACTERS = 60;

/** The public room of one auction: anyone may watch. */
export default function RoomPage() {
  const { id = "" } = useParams();
  const auction = useAuction(id);
  if (auction.isPending) return <Loading label="Opening the auction" />;
  if (auction.data) return <Room key={id} auction={auction.data} />;
  if (auction.error instanceof ApiError && auction.error.status === 404) return <NotFoundPage />;
  return (
    <Page title="Auction" isHeadingHidden>
      <Empty title={sentence(auction.error)} action={<Button onClick={() => void auction.refetch()}>Try again</Button>} />
    </Page>
  );
}

function Room({ auction }: { auction: Auction }) {
  const session = useSession();
  const live = useLiveAuction(auction.auction_id, auction.status === "live");
  const status = live.state?.status ?? auction.status;
  const video = live.state?.video ?? auction.video;
  const endMs = live.state?.end_time_ms ?? auction.end_time_ms;
  return (
    <Page
      title={auction.title}
      lead={
        <Group gap="sm">
          <AuctionBadge status={status} video={video.state} />
          <span className="user-text">by <bdi>{shorten(auction.seller_name, SELLER_CHARACTERS)}</bdi></span>
        </Group>
      }
      actions={mayUseDesk(auction, session) && (
        <Button component={Link} to="desk" variant="default" leftSection={<IconLayoutDashboard size={18} />}>
          Seller’s desk
        </Button>
      )}
    >
      <div className={classes.room}>
        <div className={classes.picture}>
          <AuctionPicture auction={auction} status={status} video={video} endMs={endMs} endReason={live.endReason} />
        </div>
        <div className={classes.panel}>
          <LotPanel auction={auction} status={status} state={live.state} endMs={endMs} />
        </div>
        <section className={classes.about} aria-labelledby="about">
          <Title order={2} id="about" mb="xs">About this lot</Title>
          <Text className={classes.description} dir="auto" {...(auction.description ? {} : { c: "dimmed" })}>
            {auction.description || "The seller wrote no description."}
          </Text>
          <Gallery images={auction.images} title={auction.title} />
        </section>
      </div>
    </Page>
  );
}
