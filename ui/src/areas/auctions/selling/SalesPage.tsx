import { Alert, Anchor, Button, Group, Paper, Skeleton, Stack, Table, Text, Title } from "@mantine/core";
import { IconAlertCircle, IconEye, IconGavel } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { Link } from "react-router";
import { sentence } from "../../../api/error";
import type { Auction } from "../../../api/types";
import { Empty } from "../../../shell/Empty";
import { count, date, money } from "../../../shell/format";
import { Page } from "../../../shell/Page";
import { AuctionBadge } from "../AuctionBadge";
import { useAuctionsChanged } from "../live";
import { useMySales } from "../queries";
import { TimeLeft } from "../TimeLeft";
import classes from "./SalesPage.module.css";

/** The seller's side: what runs, and what came of the rest. */
export default function SalesPage() {
  const active = useMySales("live");
  const ended = useMySales("closed");
  useAuctionsChanged();
  const error = active.error ?? ended.error;
  const isEmpty = active.data?.total === 0 && ended.data?.total === 0;
  return (
    <Page
      title="Sell" lead="Your listings, and what they went for."
      actions={<Button component={Link} to="/auctions/new" leftSection={<IconGavel size={18} />}>New listing</Button>}
    >
      {error && <Alert color="live" icon={<IconAlertCircle />} title={sentence(error)} role="alert" />}
      {(active.isPending || ended.isPending) && <Skeleton h={200} radius="lg" role="status" aria-label="Loading your listings" />}
      {isEmpty && (
        <Empty title="You have not sold anything yet" action={<Button component={Link} to="/auctions/new">Create your first listing</Button>}>
          A title, a starting bid, and a stream from OBS or ffmpeg: it takes a minute.
        </Empty>
      )}
      {active.data && !isEmpty && <Active auctions={active.data.auctions} total={active.data.total} />}
      {ended.data && ended.data.total > 0 && <Sold auctions={ended.data.auctions} total={ended.data.total} />}
    </Page>
  );
}

function Section({ title, total, shown, children }: { title: string; total: number; shown: number; children: ReactNode }) {
  return (
    <Stack component="section" gap="sm" aria-label={title}>
      <Title order={2}>{title}</Title>
      {children}
      {total > shown && <Text size="sm" c="dimmed">The newest {shown} of {total}.</Text>}
    </Stack>
  );
}

function Active({ auctions, total }: { auctions: Auction[]; total: number }) {
  if (total === 0) return <Section title="Active listings" total={0} shown={0}><Text c="dimmed">Nothing of yours is running.</Text></Section>;
  return (
    <Section title="Active listings" total={total} shown={auctions.length}>
      <Paper withBorder className={classes.frame ?? ""}>
        <Table className={classes.table ?? ""} verticalSpacing="sm" data-testid="active-listings">
          <Table.Thead>
            <Table.Tr><Table.Th>Item</Table.Th><Table.Th>Current bid</Table.Th><Table.Th>Time left</Table.Th><Table.Th>Activity</Table.Th></Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {auctions.map((auction) => (
              <Table.Tr key={auction.auction_id}>
                <Item auction={auction} to={`/auctions/${auction.auction_id}/desk`} />
                <Table.Td data-label="Current bid" className="figures">
                  <b>{money(auction.current_high_bid ?? auction.starting_bid, auction.currency)}</b>
                  <Note>
                    {auction.current_high_bid === null ? "starting bid" : auction.reserve_met === false ? "reserve not met" : auction.reserve_met ? "reserve met" : ""}
                  </Note>
                </Table.Td>
                <Table.Td data-label="Time left">
                  {auction.phase === "scheduled" ? <>starts in <TimeLeft endMs={auction.starts_at_ms ?? auction.end_time_ms} isCoarse /></>
                    : auction.phase === "paused" ? "Paused" : <TimeLeft endMs={auction.end_time_ms} isCoarse />}
                </Table.Td>
                <Table.Td data-label="Activity">
                  <Group gap={6} wrap="nowrap"><IconGavel size={15} aria-hidden />{count(auction.bid_count, "bid")}</Group>
                  <Group gap={6} wrap="nowrap"><IconEye size={15} aria-hidden />{auction.participant_count} here</Group>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Paper>
    </Section>
  );
}

function Sold({ auctions, total }: { auctions: Auction[]; total: number }) {
  return (
    <Section title="Ended" total={total} shown={auctions.length}>
      <Paper withBorder className={classes.frame ?? ""}>
        <Table className={classes.table ?? ""} verticalSpacing="sm" data-testid="sold-items">
          <Table.Thead>
            <Table.Tr><Table.Th>Item</Table.Th><Table.Th>Final price</Table.Th><Table.Th>Total bids</Table.Th><Table.Th>Winner</Table.Th></Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {auctions.map((auction) => (
              <Table.Tr key={auction.auction_id}>
                <Item auction={auction} to={`/auctions/${auction.auction_id}`} />
                <Table.Td data-label="Final price" className="figures">
                  {auction.winning_bid === null ? "–" : <b>{money(auction.winning_bid, auction.currency)}</b>}
                  {auction.ended_at && <Note>{date(auction.ended_at)}</Note>}
                </Table.Td>
                <Table.Td data-label="Total bids" className="figures">{auction.bid_count}</Table.Td>
                <Table.Td data-label="Winner" className="user-text"><Winner auction={auction} /></Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Paper>
    </Section>
  );
}

function Item({ auction, to }: { auction: Auction; to: string }) {
  return (
    <Table.Td className="user-text">
      <Anchor component={Link} to={to} fw={600}><bdi>{auction.title}</bdi></Anchor>
      <div><AuctionBadge phase={auction.phase} video={auction.video.state} /></div>
    </Table.Td>
  );
}

function Winner({ auction }: { auction: Auction }) {
  if (!auction.winner_username) return <Text size="sm" c="dimmed">Nobody</Text>;
  const { winner_name, winner_email } = auction;
  return (
    <>
      {winner_name ? <bdi>{winner_name}</bdi> : auction.winner_username}
      {winner_email && <Note>{winner_email}</Note>}
    </>
  );
}

function Note({ children }: { children: ReactNode }) {
  return <Text size="xs" c="dimmed" component="div">{children}</Text>;
}
