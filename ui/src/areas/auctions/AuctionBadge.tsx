import type { Auction, VideoState } from "../../api/types";
import classes from "./AuctionBadge.module.css";

type Tone = "live" | "attention" | "quiet";

const VIDEO: Record<VideoState, { label: string; tone: Tone }> = {
  live: { label: "Live", tone: "live" },
  waiting: { label: "Waiting for video", tone: "attention" },
  interrupted: { label: "Interrupted", tone: "attention" },
  ended: { label: "Off air", tone: "quiet" },
};

const CLOSED: { label: string; tone: Tone } = { label: "Closed", tone: "quiet" };

/** One word for where an auction stands: its end first, then its picture. */
export function AuctionBadge({ status, video }: { status: Auction["status"]; video: VideoState }) {
  const { label, tone } = status === "closed" ? CLOSED : VIDEO[video];
  return (
    <span className={classes.badge} data-tone={tone} data-testid="auction-badge">
      {tone === "live" && <span className="live-dot" />}
      {label}
    </span>
  );
}
