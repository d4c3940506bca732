import { Alert, Button, Group, Pagination, Skeleton, Stack, Text } from "@mantine/core";
import { IconAlertCircle } from "@tabler/icons-react";
import { Link, useSearchParams } from "react-router";
import { sentence } from "../../api/error";
import { serverClock } from "../../api/clock";
import { DemoCommand } from "../../shell/DemoCommand";
import { Empty } from "../../shell/Empty";
import { count } from "../../shell/format";
import { Page } from "../../shell/Page";
import { AuctionCard, cardOf } from "./AuctionCard";
import classes from "./AuctionCard.module.css";
import { AuctionFilters } from "./AuctionFilters";
import { applyLocalFilters, readFilters, SEARCH_SIZE } from "./filters";
import { useAuctionsChanged } from "./live";
import { useAuctions } from "./queries";

export function AuctionsPage() {
  const [query, setQuery] = useSearchParams();
  const { search, endsWithinHours, page, ...filters } = readFilters(query);
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

  const shown = applyLocalFilters(list.data?.auctions ?? [], { search, endsWithinHours }, serverClock.now());
  const isLocal = search !== "" || endsWithinHours > 0;
  const total = list.data?.total ?? 0;
  const pages = isLocal ? 1 : Math.ceil(total / filters.limit);
  return (
    <Page
      title={filters.isMine ? "My auctions" : "Auctions"}
      lead="Each with live video from its seller."
      actions={<Button component={Link} to="/auctions/new">Sell something</Button>}
    >
      <AuctionFilters status={filters.status} category={filters.category} isMine={filters.isMine} search={search}
        endsWithinHours={endsWithinHours} onChange={change} />
      {list.error && (
        <Alert color="live" icon={<IconAlertCircle />} title={sentence(list.error)} role="alert">
          <Button size="compact-sm" variant="default" onClick={() => void list.refetch()}>Try again</Button>
        </Alert>
      )}
      {list.isPending && <Placeholders />}
      {list.data && (
        <>
          <Text size="sm" c="dimmed" role="status">
            {isLocal ? `${count(shown.length, "auction")} found` : count(total, "auction")}
            {isLocal && total > SEARCH_SIZE && ` among the newest ${SEARCH_SIZE}`}
          </Text>
          {shown.length === 0 ? (
            <NothingFound isFiltered={isLocal || filters.category !== ""} isMine={filters.isMine}
              onClear={() => setQuery({ status: "all" })} />
          ) : (
            <ul className={classes.grid} aria-label="Auctions">
              {shown.map((auction) => <li key={auction.auction_id}><AuctionCard {...cardOf(auction)} /></li>)}
            </ul>
          )}
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
    </Page>
  );
}

function NothingFound(props: { isFiltered: boolean; isMine: boolean; onClear: () => void }) {
  if (props.isFiltered) {
    return (
      <Empty title="Nothing matches" action={<Button variant="default" onClick={props.onClear}>Clear the filters</Button>}>
        No auction fits all of these filters.
      </Empty>
    );
  }
  return (
    <Empty
      title={props.isMine ? "You have no auctions here" : "No auctions here"}
      action={<Button component={Link} to="/auctions/new">Create an auction</Button>}
    >
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
