import { Text } from "@mantine/core";
import { dateTime } from "../../../shell/format";
import type { ChannelHost } from "../types";
import { withNames } from "../words";
import classes from "./EventList.module.css";

export interface ListedEvent {
  at: string;
  at_ms: number;
  kind: string;
  text: string;
  actor: string | null;
}

/** What happened and who did it, newest first. */
export function EventList({ label, entries, people }: { label: string; entries: ListedEvent[]; people: ChannelHost[] }) {
  return (
    <ol className={classes.list} aria-label={label}>
      {entries.map((entry, index) => (
        // Several things may happen in the same millisecond, of the same kind.
        <li key={`${entry.at_ms} ${entry.kind} ${index}`} className={classes.entry} data-testid="timeline-entry" data-kind={entry.kind}>
          <time dateTime={entry.at} title={entry.at}>{dateTime(entry.at)}</time>
          <div className="user-text">
            <Text size="sm" title={entry.text}><bdi>{withNames(entry.text, people)}</bdi></Text>
            {entry.actor && <Text size="xs" c="dimmed">by <bdi>{entry.actor}</bdi></Text>}
          </div>
        </li>
      ))}
    </ol>
  );
}
