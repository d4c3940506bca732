import {
  IconAlertTriangleFilled, IconCalendarTime, IconCircleCheckFilled, IconGavel, IconLock, IconPlayerPauseFilled, IconTrophyFilled,
} from "@tabler/icons-react";
import type { ComponentType } from "react";
import { type Standing, STANDING_WORDS } from "./standing";
import classes from "./StandingBadge.module.css";

// Colour, icon and words say the same: any one of them is enough.
const LOOKS: Record<Standing, { Icon: ComponentType<{ size: number }>; tone: "calm" | "good" | "bad" | "quiet" }> = {
  ready: { Icon: IconGavel, tone: "calm" },
  winning: { Icon: IconCircleCheckFilled, tone: "good" },
  outbid: { Icon: IconAlertTriangleFilled, tone: "bad" },
  scheduled: { Icon: IconCalendarTime, tone: "quiet" },
  paused: { Icon: IconPlayerPauseFilled, tone: "quiet" },
  won: { Icon: IconTrophyFilled, tone: "good" },
  sold: { Icon: IconLock, tone: "quiet" },
  unsold: { Icon: IconLock, tone: "quiet" },
  withdrawn: { Icon: IconLock, tone: "quiet" },
};

/** Where the reader stands. Its place is always there, so that a screen reader hears it change. */
export function StandingBadge({ standing }: { standing: Standing }) {
  const { Icon, tone } = LOOKS[standing];
  return (
    <div role="status" aria-live="polite" className={classes.place}>
      <span className={classes.badge} data-tone={tone} data-standing={standing} data-testid="standing">
        <span className={classes.icon} aria-hidden><Icon size={22} /></span>
        {STANDING_WORDS[standing]}
      </span>
    </div>
  );
}
