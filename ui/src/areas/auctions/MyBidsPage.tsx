import { Alert, Button, Group, Pagination, Skeleton, Text } from "@mantine/core";
import {
  IconAlertCircle, IconAlertTriangleFilled, IconArrowBackUp, IconCircleCheckFilled, IconCircleX, IconTrophyFilled,
} from "@tabler/icons-react";
import type { ComponentType } from "react";
import { Link, useSearchParams } from "react-router";
import { sentence } from "../../api/error";
import type { MyBid } from "../../api/types";
import { Empty } from "../../shell/Empty";
import { count, dateTime, money } from "../../shell/format";
import { Page } from "../../shell/Page";
import { useAuctionsChanged } from "./live";
import classes from "./MyBidsPage.module.css";
import { Poster } from "../../shell/Poster";
import { MY_BIDS_PAGE, useMyBids } from "./queries";
import { TimeLeft } from "./TimeLeft";

/** Where the reader has bid: one card per auction, with their latest bid and how it stands. */
export default function MyBidsPage() {
  const [query, setQuery] = useSearchParams();
  const page = Math.max(1, Number.parseInt(query.get("page") ?? "1", 10) || 1);
  const list = useMyBids((page - 1) * MY_BIDS_PAGE);
  useAuctionsChanged();
  const total = list.data?.total ?? 0;
  const pages = Math.ceil(total / MY_BIDS_PAGE);
  return (
    <Page title="My bids" lead={list.data && total > 0 ? `In ${count(total, "auction")}, the newest first.` : "Every auction you have bid in."}>
      {list.error && (
        <Alert color="live" icon={<IconAlertCircle />} title={sentence(list.error)} role="alert">
          <Button size="compact-sm" variant="default" onClick={() => void list.refetch()}>Try again</Button>
        </Alert>
      )}
      {list.isPending && <Skeleton h={120} radius="lg" role="status" aria-label="Loading your bids" />}
      {list.data && total === 0 && (
        <Empty title="You have not bid yet" action={<Button component={Link} to="/auctions">See what is for sale</Button>}>
          Your bids appear here, with how each of them stands.
        </Empty>
      )}
      {list.data && total > 0 && (
        <ul className={classes.list} aria-label="Your bids">
          {list.data.bids.map((bid) => <li key={bid.bid_id}><BidCard bid={bid} /></li>)}
        </ul>
      )}
      {pages > 1 && (
        <Group justify="center">
          <Pagination
            total={pages} value={page} onChange={(to) => setQuery({ page: String(to) })}
            getControlProps={(control) => ({ "aria-label": `${control} page` })}
          />
        </Group>
      )}
    </Page>
  );
}

const LOOKS: Record<MyBid["status"], { words: string; tone: "good" | "bad" | "quiet"; Icon: ComponentType<{ size: number }> }> = {
  winning: { words: "Winning", tone: "good", Icon: IconCircleCheckFilled },
  outbid: { words: "Outbid", tone: "bad", Icon: IconAlertTriangleFilled },
  won: { words: "Won", tone: "good", Icon: IconTrophyFilled },
  lost: { words: "Lost", tone: "quiet", Icon: IconCircleX },
  retracted: { words: "Taken back", tone: "quiet", Icon: IconArrowBackUp },
};

function BidCard({ bid }: { bid: MyBid }) {
  const { words, tone, Icon } = LOOKS[bid.status];
  return (
    <Link to={`/auctions/${bid.auction_id}`} className={classes.card} data-testid="my-bid">
      <div className={classes.picture}><Poster url={bid.image_url} title={bid.title} /></div>
      <div className={classes.text}>
        <Text component="h2" fw={600} lineClamp={2} className="user-text"><bdi>{bid.title}</bdi></Text>
        <Text size="sm" c="dimmed">{dateTime(bid.created_at)}</Text>
      </div>
      <dl className={classes.figures}>
        <div><dt>Your bid</dt><dd>{money(bid.amount, bid.currency)}</dd></div>
        {bid.max_amount !== null && bid.max_amount > bid.amount && (
          <div><dt>Your maximum</dt><dd>{money(bid.max_amount, bid.currency)}</dd></div>
        )}
        <div>
          <dt>{bid.auction_status === "closed" ? "Final price" : "Now at"}</dt>
          <dd>{money(bid.current_high_bid ?? bid.starting_bid, bid.currency)}</dd>
        </div>
      </dl>
      <div className={classes.state}>
        <span className={classes.badge} data-tone={tone} data-status={bid.status} data-testid="my-bid-status"><Icon size={18} aria-hidden />{words}</span>
        {bid.auction_status === "live" && <Text size="sm" c="dimmed" component="span"><TimeLeft endMs={bid.ends_at_ms} isCoarse /></Text>}
      </div>
    </Link>
  );
}
