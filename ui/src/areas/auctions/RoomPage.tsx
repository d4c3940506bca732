import { Button, Group, SegmentedControl, Text, Title } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { IconLayoutDashboard } from "@tabler/icons-react";
import { useState } from "react";
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
import { ChatColumn } from "../chat/ChatColumn";
import { AuctionBadge } from "./AuctionBadge";
import { AuctionPicture } from "./AuctionPicture";
import { BidHistory } from "./bidding/BidHistory";
import { BidPanel } from "./bidding/BidPanel";
import { useLiveAuction } from "./live";
import { lotOf } from "./lot";
import { LotFacts } from "./LotFacts";
import { Gallery } from "./pictures/Gallery";
import { useAuction } from "./queries";
import classes from "./RoomPage.module.css";
import { SellerControls } from "./selling/SellerControls";

// The lot's facts carry the whole name.
const SELLER_CHARACTERS = 60;

/** The public room of one auction: anyone may watch, members bid, the seller runs it. */
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
  const lot = lotOf(auction, live);
  return (
    <Page
      title={auction.title} isWide
      lead={
        <Group gap="sm">
          <AuctionBadge phase={lot.phase} video={lot.video.state} />
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
          <AuctionPicture lot={lot} endReason={live.endReason} />
        </div>
        <div className={classes.panel} data-run={lot.is_mine || undefined}>
          <BidPanel lot={lot} clockChanges={live.clockChanges} controls={<SellerControls lot={lot} />} onAnswer={live.onAnswer} />
        </div>
        <Aside
          chat={<ChatColumn auction={lot} />}
          bids={<BidHistory lot={lot} told={live.bids} />}
          about={
            <>
              <section aria-labelledby="about">
                <Title order={2} id="about" mb="xs">About this lot</Title>
                <Text className={classes.description} dir="auto" {...(auction.description ? {} : { c: "dimmed" })}>
                  {auction.description || "The seller wrote no description."}
                </Text>
                <Gallery images={auction.images} title={auction.title} />
              </section>
              <LotFacts lot={lot} />
            </>
          }
        />
      </div>
    </Page>
  );
}

type Tab = "chat" | "bids" | "about";

const TABS: { value: Tab; label: string }[] = [
  { value: "chat", label: "Chat" },
  { value: "bids", label: "Bids" },
  { value: "about", label: "The lot" },
];

/** Chat, bids and facts: side by side where there is room, one at a time on a phone. All stay alive. */
function Aside(parts: Record<Tab, React.ReactNode>) {
  const isNarrow = useMediaQuery("(max-width: 62em)", undefined, { getInitialValueInEffect: false });
  const [tab, setTab] = useState<Tab>("chat");
  return (
    <>
      {isNarrow && (
        <SegmentedControl
          className={classes.tabs ?? ""} aria-label="Show" fullWidth value={tab} data={TABS}
          onChange={(value) => setTab(TABS.find((known) => known.value === value)?.value ?? "chat")}
        />
      )}
      {TABS.map(({ value }) => (
        <div key={value} className={classes[value]} hidden={isNarrow && tab !== value}>{parts[value]}</div>
      ))}
    </>
  );
}
