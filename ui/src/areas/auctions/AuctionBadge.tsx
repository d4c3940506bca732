import type { Phase, VideoState } from "../../api/types";
import classes from "./AuctionBadge.module.css";

type Look = { label: string; tone: "live" | "attention" | "quiet" };

const VIDEO: Record<VideoState, Look> = {
  live: { label: "Live", tone: "live" },
  waiting: { label: "Waiting for video", tone: "attention" },
  interrupted: { label: "Interrupted", tone: "attention" },
  ended: { label: "Off air", tone: "quiet" },
};

// While it runs, the picture says more than the auction does.
const PHASES: Record<Exclude<Phase, "open">, Look> = {
  scheduled: { label: "Scheduled", tone: "attention" },
  paused: { label: "Paused", tone: "attention" },
  sold: { label: "Sold", tone: "quiet" },
  unsold: { label: "Not sold", tone: "quiet" },
  withdrawn: { label: "Withdrawn", tone: "quiet" },
};

/** One word for where an auction stands: its own state first, then its picture's. */
export function AuctionBadge({ phase, video }: { phase: Phase; video: VideoState }) {
  const { label, tone } = phase === "open" ? VIDEO[video] : PHASES[phase];
  return (
    <span className={classes.badge} data-tone={tone} data-testid="auction-badge">
      {tone === "live" && <span className="live-dot" />}
      {label}
    </span>
  );
}
