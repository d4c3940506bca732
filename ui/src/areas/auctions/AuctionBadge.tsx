import { Badge } from "@mantine/core";
import type { Auction, VideoState } from "../../api/types";

const VIDEO: Record<VideoState, { label: string; color: string }> = {
  live: { label: "Live", color: "live" },
  waiting: { label: "Waiting for video", color: "brass" },
  interrupted: { label: "Interrupted", color: "brass" },
  ended: { label: "Off air", color: "gray" },
};

/** One word for where an auction stands: its end first, then its picture. */
export function AuctionBadge({ status, video }: { status: Auction["status"]; video: VideoState }) {
  const { label, color } = status === "closed" ? { label: "Closed", color: "gray" } : VIDEO[video];
  const isLive = label === "Live";
  return (
    <Badge
      color={color}
      variant={isLive ? "filled" : "light"}
      leftSection={isLive && <span className="live-dot" style={{ display: "block" }} />}
      data-testid="auction-badge"
    >
      {label}
    </Badge>
  );
}
