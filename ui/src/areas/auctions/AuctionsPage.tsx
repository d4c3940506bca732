import { Alert, Anchor, Button, Group, Pagination, Skeleton, Stack, Text, Title } from "@mantine/core";
import { IconAlertCircle } from "@tabler/icons-react";
import { Link, useSearchParams } from "react-router";
import { sentence } from "../../api/error";
import type { Auction } from "../../api/types";
import { DemoCommand } from "../../shell/DemoCommand";
import { Empty } from "../../shell/Empty";
import { count } from "../../shell/format";
import { Page } from "../../shell/Page";
import { AuctionCard, cardOf } from "./AuctionCard";
import classes from "./AuctionCard.module.css";
import { AuctionFilters } from "./AuctionFilters";
import { isFiltered, readFilters } from "./filters";
import { useAuctionsChanged } from "./live";
import { useAuctions } from "./queries";

// The newest results below the running auctions, as many as make two rows.
const ENDED_SHOWN = 8;

/** What can be bought: running auctions, and below them what has just ended. */
export function AuctionsPage() {
  const [query, setQuery] = useSearchParams();
  const { page, ...filters } = readFilters(query);
  const list = useAuctions(filters);
  useAuctionsChanged();

  const change = (changes: Record<string, string | undefined>) => {
    const next = new URLSearchParams(query);
    next.delete("page");
    for (const [name, value] of Object.entries(changes)) {
      if (value) next.set(name, value);
      else next.delete(name);
    }
    setQuery(next, { replace: true });
  };
  const clear = () => setQuery(filters.status === "closed" ? { status: "closed" } : {}, { replace: true });

  const total = list.data?.total ?? 0;
  const pages = Math.ceil(total / filters.limit);
  const isOverview = filters.status === "live" && page === 1 && !isFiltered(filters);
  return (
    <Page title="Buy" lead="Auctions with live video from their sellers.">
      <AuctionFilters filters={filters} onChange={change} onClear={clear} />
      {list.error && (
        <Alert color="live" icon={<IconAlertCircle />} title={sentence(list.error)} role="alert">
          <Button size="compact-sm" variant="default" onClick={() => void list.refetch()}>Try again</Button>
        </Alert>
      )}
      {list.isPending && <Placeholders />}
      {list.data && (
        <>
          <Text size="sm" c="dimmed" role="status">{count(total, filters.status === "live" ? "running auction" : "ended auction")}</Text>
          {list.data.auctions.length === 0
            ? <NothingFound isFiltered={isFiltered(filters)} status={filters.status} onClear={clear} />
            : <Grid label="Auctions" auctions={list.data.auctions} />}
          {pages > 1 && (
            <Group justify="center">
              <Pagination
                total={pages} value={page} onChange={(to) => change({ page: String(to) })}
                getControlProps={(control) => ({ "aria-label": `${control} page` })}
              />
            </Group>
          )}
        </>
      )}
      {isOverview && <Ended />}
    </Page>
  );
}

function Grid({ label, auctions }: { label: string; auctions: Auction[] }) {
  return (
    <ul className={classes.grid} aria-label={label}>
      {auctions.map((auction) => <li key={auction.auction_id}><AuctionCard {...cardOf(auction)} /></li>)}
    </ul>
  );
}

function Ended() {
  const list = useAuctions({
    status: "closed", category: "", search: "", priceMin: 0, priceMax: 0, endsWithinHours: 0, limit: ENDED_SHOWN, offset: 0,
  });
  if (!list.data || list.data.auctions.length === 0) return null;
  return (
    <Stack component="section" gap="md" mt="md" aria-labelledby="ended">
      <Group justify="space-between">
        <Title order={2} id="ended">Just ended</Title>
        {list.data.total > ENDED_SHOWN && (
          <Anchor component={Link} to="/auctions?status=closed">All {count(list.data.total, "ended auction")}</Anchor>
        )}
      </Group>
      <Grid label="Just ended" auctions={list.data.auctions} />
    </Stack>
  );
}

function NothingFound({ isFiltered, status, onClear }: { isFiltered: boolean; status: "live" | "closed"; onClear: () => void }) {
  if (isFiltered) {
    return (
      <Empty title="Nothing matches" action={<Button variant="default" onClick={onClear}>Clear the filters</Button>}>
        No auction fits all of these filters.
      </Empty>
    );
  }
  if (status === "closed") return <Empty title="Nothing has ended yet">Results appear here as soon as an auction ends.</Empty>;
  return (
    <Empty title="Nothing is for sale right now" action={<Button component={Link} to="/auctions/new">Sell something</Button>}>
      <Stack gap="sm">
        <span>An auction takes a minute: a title, a starting bid, and a stream from OBS or ffmpeg. To see one at once:</span>
        <DemoCommand />
      </Stack>
    </Empty>
  );
}

function Placeholders() {
  return (
    <div className={classes.grid} role="status" aria-label="Loading auctions">
      {["a", "b", "c", "d", "e", "f"].map((key) => <Skeleton key={key} h={300} radius="lg" />)}
    </div>
  );
}
