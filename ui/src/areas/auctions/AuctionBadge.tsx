import type { Phase, VideoState } from "../../api/types";
import { StateBadge, type StateBadgeProps } from "../../shell/StateBadge";

type Look = Pick<StateBadgeProps, "label" | "tone">;

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
  return <StateBadge {...(phase === "open" ? VIDEO[video] : PHASES[phase])} testId="auction-badge" />;
}
