import { Button, Group, Paper, Stack, Text } from "@mantine/core";
import { useDisclosure, useMediaQuery } from "@mantine/hooks";
import { IconAdjustmentsHorizontal, IconCircleCheck, IconCircleDashed } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { Link, useLocation } from "react-router";
import type { BidAnswer } from "../../../api/types";
import { count, money } from "../../../shell/format";
import { useSession } from "../../accounts/useSession";
import type { ClockChange } from "../liveState";
import { hasWon, type Lot, priceOf } from "../lot";
import { BidFeedback } from "./BidFeedback";
import classes from "./BidPanel.module.css";
import { BuyNow } from "./BuyNow";
import { Clock } from "./Clock";
import { ConfirmBid } from "./ConfirmBid";
import { OwnBid } from "./OwnBid";
import { Price } from "./Price";
import { QuickBids } from "./QuickBids";
import { isBiddable, type Standing, standingOf } from "./standing";
import { StandingBadge } from "./StandingBadge";
import { type BidState, IDLE, useBid } from "./useBid";

export interface BidPanelProps {
  lot: Lot;
  clockChanges: ClockChange[];
  /** What stands in place of bidding, for the seller. */
  controls: ReactNode;
  /** Whether the reader runs the auction here, which an administrator may do for its seller. */
  isRun?: boolean;
  onAnswer: (answer: BidAnswer) => void;
}

/** Price, time, where the reader stands, and the means to bid. It shows what the server said, never a guess. */
export function BidPanel({ lot, clockChanges, controls, isRun = lot.is_mine === true, onAnswer }: BidPanelProps) {
  const standing = standingOf({ phase: lot.phase, isWinning: lot.you_are_winning, hasWon: hasWon(lot) });
  const isOver = lot.status === "closed";
  return (
    <Paper withBorder component="section" aria-label="Bidding" className={classes.panel ?? ""} data-testid="bid-panel">
      <div className={classes.head}>
        {!isRun && <div className={classes.standing}><StandingBadge standing={standing} /></div>}
        <div className={classes.price}>
          <Price label={priceLabel(lot)} amount={priceOf(lot)} currency={lot.currency} />
          <Reserve lot={lot} />
        </div>
        {!isOver && <div className={classes.clock}><Clock lot={lot} changes={clockChanges} /></div>}
      </div>
      {!isOver && (
        <Group gap="md" className={`figures ${classes.counts ?? ""}`}>
          <Text size="sm" c="dimmed" component="span" data-testid="bid-count">{count(lot.bid_count, "bid")}</Text>
          <Text size="sm" c="dimmed" component="span">{people(lot.participant_count)}</Text>
        </Group>
      )}
      {!isOver && (isRun ? controls : <Means lot={lot} standing={standing} onAnswer={onAnswer} />)}
    </Paper>
  );
}

function priceLabel({ phase, current_high_bid }: Lot): string {
  if (phase === "sold") return "Sold for";
  if (current_high_bid !== null) return "Highest bid";
  return phase === "unsold" || phase === "withdrawn" ? "Started at, no bids" : "Starting bid";
}

function people(n: number): string {
  return `${new Intl.NumberFormat().format(n)} ${n === 1 ? "person" : "people"} here`;
}

function Reserve({ lot }: { lot: Lot }) {
  if (lot.reserve_met === null) return null;
  const Icon = lot.reserve_met ? IconCircleCheck : IconCircleDashed;
  return (
    <Text size="sm" fw={550} component="div" className={classes.reserve ?? ""} data-testid="reserve" data-met={lot.reserve_met}>
      <Icon size={17} aria-hidden />
      {lot.reserve_met ? "Reserve met" : "Reserve not met"}
    </Text>
  );
}

function Means({ lot, standing, onAnswer }: { lot: Lot; standing: Standing; onAnswer: (answer: BidAnswer) => void }) {
  const session = useSession();
  const { pathname } = useLocation();
  if (session.status === "unknown") return null;
  if (session.status === "anonymous") {
    return (
      <Stack gap="xs">
        <Text size="sm" c="dimmed">{lot.phase === "open" ? `The next bid is ${money(lot.next_minimum_bid, lot.currency)} or more.` : null}</Text>
        <Button component={Link} to={`/sign-in?next=${encodeURIComponent(pathname)}`} size="md">Sign in to bid</Button>
      </Stack>
    );
  }
  return <BidForm lot={lot} standing={standing} onAnswer={onAnswer} />;
}

function BidForm({ lot, standing, onAnswer }: { lot: Lot; standing: Standing; onAnswer: (answer: BidAnswer) => void }) {
  const { state, bid, again, forget } = useBid(onAnswer);
  const isNarrow = useMediaQuery("(max-width: 62em)", undefined, { getInitialValueInEffect: false });
  const [isMore, more] = useDisclosure(false);
  const isSending = state.kind === "sending";
  const isDisabled = !isBiddable(standing) || isSending;
  const place = (amount: number, max?: number) =>
    void bid({ auction_id: lot.auction_id, amount, ...(max === undefined ? {} : { max_amount: max }) });
  const isQuick = state.kind === "sending" && state.intent.body.max_amount === undefined;
  return (
    <Stack gap="sm">
      <Text size="sm" className={classes.next ?? ""}>
        Next bid: <b className="figures" data-testid="next-minimum">{money(lot.next_minimum_bid, lot.currency)}</b> or more
      </Text>
      <Group gap="xs" wrap="nowrap" align="stretch">
        <div className={classes.quick}>
          <QuickBids
            next={lot.next_minimum_bid} increment={lot.bid_increment} currency={lot.currency} isDisabled={isDisabled} onBid={place}
            sending={isQuick ? state.intent.body.amount : undefined}
          />
        </div>
        {isNarrow && (
          <Button
            size="md" px="sm" variant="default" onClick={more.toggle} aria-expanded={isMore} aria-controls="own-bid"
            aria-label="Another amount, a maximum"
          >
            <IconAdjustmentsHorizontal size={20} aria-hidden />
          </Button>
        )}
      </Group>
      <BidFeedback state={isPast(state, lot) ? IDLE : state} currency={lot.currency} onAgain={(intent) => void again(intent)} />
      <div id="own-bid" hidden={isNarrow && !isMore}>
        <Stack gap="sm">
          <OwnBid
            next={lot.next_minimum_bid} currency={lot.currency} price={priceOf(lot)} isWinning={standing === "winning"}
            accepted={state.kind === "accepted" ? state.answer.bid_id : null}
            ownMax={lot.your_max_bid} isProxyAllowed={lot.proxy_allowed} isSending={isSending && !isQuick} isDisabled={isDisabled} onBid={place}
          />
          {lot.buy_now_price !== null && lot.phase === "open" && (
            <BuyNow id={lot.auction_id} title={lot.title} price={lot.buy_now_price} currency={lot.currency} />
          )}
        </Stack>
      </div>
      <ConfirmBid
        state={state} currency={lot.currency} onCancel={forget}
        onConfirm={({ body }) => void bid({ ...body, confirm: true })}
      />
    </Stack>
  );
}

/** Whether later bids have made the answer history: "placed successfully" beside "outbid" would be read as now. */
function isPast(state: BidState, lot: Lot): boolean {
  return (state.kind === "accepted" || state.kind === "outbid") && lot.bid_count > state.answer.bid_count;
}
