import { IconClock, IconEye, IconTrophyFilled } from "@tabler/icons-react";
import type { Video } from "../../api/types";
import { count, money } from "../../shell/format";
import { Notice } from "../../player/Notice";
import { Player } from "../../player/Player";
import classes from "./AuctionPicture.module.css";
import type { EndReason } from "./liveState";
import { hasWon, type Lot } from "./lot";
import { TimeLeft } from "./TimeLeft";

/** The picture of an auction, and the server's word in its place while there is none. */
export function AuctionPicture({ lot, endReason }: { lot: Lot; endReason: EndReason | undefined }) {
  const { video } = lot;
  const isClosed = lot.status === "closed";
  return (
    <Player
      url={isClosed ? null : lot.ivs_playback_url}
      title={`Live video of ${lot.title}`}
      isOnAir={!isClosed && video.state === "live"}
      poster={lot.image_url}
      notice={isClosed ? <Ended lot={lot} reason={endReason} /> : video.state === "interrupted" ? INTERRUPTED : null}
      empty={<Waiting state={video.state} />}
      badges={!isClosed && (
        <>
          {video.state === "live" && (
            <span data-testid="viewers"><IconEye size={15} aria-hidden />{count(video.viewers, "viewer")}</span>
          )}
          {lot.phase === "open" && <span><IconClock size={15} aria-hidden /><TimeLeft endMs={lot.end_time_ms} /></span>}
        </>
      )}
    />
  );
}

const INTERRUPTED = <Notice title="Interrupted" isBusy>The picture will come back.</Notice>;

function Waiting({ state }: { state: Video["state"] }) {
  if (state === "live") return <Notice title="The picture is on its way" isBusy />;
  if (state === "ended") {
    return <Notice title="The broadcaster has stopped">If they come back, the picture starts here by itself.</Notice>;
  }
  return <Notice title="Waiting for the broadcaster" isBusy>The picture starts here by itself.</Notice>;
}

const REASONS: Record<EndReason, string> = {
  time: "The time was up.",
  host: "The seller closed it.",
  admin: "An administrator closed it.",
  buy_now: "It was bought at the seller’s price.",
  withdrawn: "",
};

function Ended({ lot, reason }: { lot: Lot; reason: EndReason | undefined }) {
  const isYours = hasWon(lot);
  return (
    <div data-testid="ended" data-outcome={isYours ? "won" : lot.phase}>
      {isYours && <IconTrophyFilled size={44} className={classes.trophy ?? ""} aria-hidden />}
      <Notice title={isYours ? "You won!" : "This auction has ended"}>
        {outcome(lot, isYours)}
        {reason && ` ${REASONS[reason]}`}
      </Notice>
    </div>
  );
}

function outcome(lot: Lot, isYours: boolean): string {
  const { phase, winning_bid, winner_username, currency } = lot;
  if (phase === "withdrawn") return "The lot was withdrawn.";
  if (winning_bid !== null) {
    const price = money(winning_bid, currency);
    return isYours ? `It is yours for ${price}.` : `Sold for ${price}${winner_username ? ` to ${winner_username}` : ""}.`;
  }
  if (lot.bid_count === 0) return "It ended without a bid.";
  return lot.reserve_met === false ? "Not sold: the reserve was not met." : "Not sold.";
}
