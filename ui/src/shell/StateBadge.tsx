import type { ReactNode } from "react";
import classes from "./StateBadge.module.css";

export interface StateBadgeProps {
  label: string;
  tone: "live" | "attention" | "quiet";
  /** A shape that says the same as the colour. */
  icon?: ReactNode;
  testId?: string;
}

/** One word for how something stands; what is live breathes. */
export function StateBadge({ label, tone, icon, testId }: StateBadgeProps) {
  return (
    <span className={classes.badge} data-tone={tone} data-testid={testId}>
      {tone === "live" ? <span className="live-dot" /> : icon}
      {label}
    </span>
  );
}
