import { IconCircle, IconCircleOff } from "@tabler/icons-react";
import { StateBadge, type StateBadgeProps } from "../../shell/StateBadge";
import type { ChannelState } from "./types";

const LOOKS: Record<ChannelState, Pick<StateBadgeProps, "label" | "tone" | "icon">> = {
  LIVE: { label: "Live", tone: "live" },
  IDLE: { label: "Idle", tone: "quiet", icon: <IconCircle size={12} stroke={2.5} aria-hidden /> },
  OFFLINE: { label: "Offline", tone: "attention", icon: <IconCircleOff size={13} stroke={2.2} aria-hidden /> },
};

/** Where a channel stands, by word, shape and colour. */
export function ChannelBadge({ state }: { state: ChannelState }) {
  return <StateBadge {...LOOKS[state]} testId="channel-badge" />;
}
