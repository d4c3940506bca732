import { IconClock, IconEye } from "@tabler/icons-react";
import type { Auction, Video } from "../../api/types";
import { count, money } from "../../shell/format";
import { Notice } from "../../player/Notice";
import { Player } from "../../player/Player";
import type { EndReason } from "./live";
import { TimeLeft } from "./TimeLeft";

export interface AuctionPictureProps {
  auction: Auction;
  status: Auction["status"];
  video: Video;
  endMs: number;
  endReason: EndReason | undefined;
}

/** The picture of an auction, and the server's word in its place while there is none. */
export function AuctionPicture({ auction, status, video, endMs, endReason }: AuctionPictureProps) {
  const isClosed = status === "closed";
  return (
    <Player
      url={isClosed ? null : auction.ivs_playback_url}
      title={`Live video of ${auction.title}`}
      isOnAir={!isClosed && video.state === "live"}
      poster={auction.image_url}
      notice={isClosed ? <Ended auction={auction} reason={endReason} /> : video.state === "interrupted" ? INTERRUPTED : null}
      empty={<Waiting state={video.state} />}
      badges={!isClosed && (
        <>
          {video.state === "live" && (
            <span data-testid="viewers"><IconEye size={15} aria-hidden />{count(video.viewers, "viewer")}</span>
          )}
          <span><IconClock size={15} aria-hidden /><TimeLeft endMs={endMs} /></span>
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
};

function Ended({ auction, reason }: { auction: Auction; reason: EndReason | undefined }) {
  const { winning_bid, winner_username, currency } = auction;
  return (
    <div data-testid="ended">
      <Notice title="This auction has ended">
        {winning_bid === null
          ? "It ended without a bid."
          : `Sold for ${money(winning_bid, currency)}${winner_username ? ` to ${winner_username}` : ""}.`}
        {reason && ` ${REASONS[reason]}`}
      </Notice>
    </div>
  );
}
