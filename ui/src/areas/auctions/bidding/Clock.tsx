import { Text } from "@mantine/core";
import { IconClockPlus, IconClockPause, IconClockPlay } from "@tabler/icons-react";
import { clockTime, countdown, duration } from "../../../shell/format";
import { useServerText } from "../../../shell/useServerText";
import type { Lot } from "../lot";
import type { ClockChange } from "../liveState";
import { TimeLeft } from "../TimeLeft";
import classes from "./Clock.module.css";

const LAST_MS = 60_000;
// How long a change of the end stays in the eye.
const FLASH_MS = 6000;

/** The time by the server's clock, and every change of the end that this page has seen. */
export function Clock({ lot, changes }: { lot: Lot; changes: ClockChange[] }) {
  const isLast = useServerText((now) => String(lot.phase === "open" && lot.end_time_ms - now < LAST_MS)) === "true";
  return (
    <div data-testid="clock">
      <Text size="sm" c="dimmed">{label(lot, isLast)}</Text>
      <div className={classes.time} data-last={isLast || undefined}>
        {lot.phase === "paused"
          ? <span className="figures" data-testid="paused-left">{countdown(lot.time_remaining_seconds * 1000)}</span>
          : <TimeLeft endMs={lot.phase === "scheduled" ? (lot.starts_at_ms ?? lot.end_time_ms) : lot.end_time_ms} />}
      </div>
      <Flash change={changes[0]} />
      <Extensions lot={lot} changes={changes} />
    </div>
  );
}

function label({ phase }: Lot, isLast: boolean): string {
  if (phase === "scheduled") return "Starts in";
  if (phase === "paused") return "Paused, time left";
  return isLast ? "Last minute: ends in" : "Ends in";
}

/** A change of the end as it happens. Read out, and gone after some seconds. */
function Flash({ change }: { change: ClockChange | undefined }) {
  const isFresh = useServerText((now) => String(change !== undefined && now - change.atMs < FLASH_MS)) === "true";
  return (
    <div role="status" aria-live="polite">
      {change && isFresh && <Text className={classes.flash} data-testid="clock-flash">{sentenceOf(change)}</Text>}
    </div>
  );
}

function Extensions({ lot, changes }: { lot: Lot; changes: ClockChange[] }) {
  const { anti_snipe, anti_snipe_count, phase } = lot;
  if (anti_snipe.window_seconds === 0 && changes.length === 0) return null;
  return (
    <>
      {anti_snipe.window_seconds > 0 && (
        <Text size="sm" c="dimmed" data-testid="extensions" style={{ textWrap: "pretty" }}>
          {anti_snipe_count > 0 && `Extended ${anti_snipe_count} of ${anti_snipe.max_extensions}. `}
          {phase !== "paused" && <span className={classes.rule}>{ruleOf(lot)}</span>}
        </Text>
      )}
      {changes.length > 0 && (
        <details className={classes.changes}>
          <summary>Changes of the clock</summary>
          <ul>
            {changes.map((change) => (
              <li key={`${change.atMs} ${change.kind}`}>
                <span className="figures">{clockTime(change.atMs)}</span> {sentenceOf(change)}
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

function ruleOf({ anti_snipe, anti_snipe_count }: Lot): string {
  if (anti_snipe_count >= anti_snipe.max_extensions) return "It will not be extended again.";
  return `A bid in the last ${duration(anti_snipe.window_seconds * 1000)} adds ${duration(anti_snipe.extension_seconds * 1000)}.`;
}

const ICONS = { anti_snipe: IconClockPlus, extended: IconClockPlus, paused: IconClockPause, resumed: IconClockPlay };

function sentenceOf(change: ClockChange) {
  const Icon = ICONS[change.kind];
  return <><Icon size={16} aria-hidden className={classes.icon ?? ""} /> {wordsOf(change)}</>;
}

function wordsOf({ kind, extendedByMs, count, countMax }: ClockChange): string {
  switch (kind) {
    case "anti_snipe":
      return `+${duration(extendedByMs)} for a late bid, extended ${count} of ${countMax}`;
    case "extended":
      return `+${duration(extendedByMs)} from the seller`;
    case "paused":
      return "Paused by the seller";
    case "resumed":
      return "Running again";
  }
}
