import { Button, Group, Text } from "@mantine/core";
import { useState } from "react";
import { Section } from "../../../shell/Section";
import type { Channel } from "../types";
import { auditText } from "../words";
import { EventList } from "./EventList";
import { AUDIT_PAGE, useAudit, useTimeline } from "./queries";

/** What happened on the channel: claims, sessions, broadcasts, their trouble. */
export function TimelinePanel({ channel: { channelId, hosts } }: { channel: Channel }) {
  const timeline = useTimeline(channelId);
  const entries = timeline.data?.pages.flatMap((page) => page.entries) ?? [];
  return (
    <Section title="Timeline" about="What happened on the channel, newest first." error={timeline.error} isPending={timeline.isPending}>
      {timeline.data && entries.length === 0 && <Text c="dimmed">Nothing has happened yet.</Text>}
      {entries.length > 0 && <EventList label="Timeline" entries={entries} people={hosts} />}
      {timeline.hasNextPage && (
        <Button variant="default" size="xs" w="fit-content" loading={timeline.isFetchingNextPage} onClick={() => void timeline.fetchNextPage()}>
          Show older
        </Button>
      )}
    </Section>
  );
}

/** Who changed the channel or asked for its key. */
export function AuditPanel({ channel: { channelId, hosts } }: { channel: Channel }) {
  const [offset, setOffset] = useState(0);
  const audit = useAudit(channelId, offset);
  const entries = (audit.data?.entries ?? []).map((entry) => ({ ...entry, text: auditText(entry) }));
  return (
    <Section title="Audit" about="Who changed the channel, its hosts or its key, and who looked at the key." error={audit.error} isPending={audit.isPending}>
      {audit.data && entries.length === 0 && <Text c="dimmed">Nothing recorded.</Text>}
      {entries.length > 0 && <EventList label="Audit" entries={entries} people={hosts} />}
      {(offset > 0 || entries.length === AUDIT_PAGE) && (
        <Group gap="xs">
          <Button variant="default" size="xs" disabled={offset === 0} onClick={() => setOffset(Math.max(0, offset - AUDIT_PAGE))}>Newer</Button>
          <Button variant="default" size="xs" disabled={entries.length < AUDIT_PAGE} onClick={() => setOffset(offset + AUDIT_PAGE)}>Older</Button>
        </Group>
      )}
    </Section>
  );
}
