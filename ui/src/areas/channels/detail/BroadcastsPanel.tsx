import { Button, Group, Table, Text } from "@mantine/core";
import { useState } from "react";
import { dateTime } from "../../../shell/format";
import { Section } from "../../../shell/Section";
import { endCauseText, minutesText } from "../words";
import { BROADCASTS_PAGE, useBroadcasts } from "./queries";

/** Every period on air, newest first. */
export function BroadcastsPanel({ channelId }: { channelId: string }) {
  const [offset, setOffset] = useState(0);
  const list = useBroadcasts(channelId, offset);
  const broadcasts = list.data?.broadcasts ?? [];
  const total = list.data?.total ?? 0;
  return (
    <Section title="Broadcasts" about="Every period on air, newest first." error={list.error} isPending={list.isPending}>
      {list.data && broadcasts.length === 0 && <Text c="dimmed">This channel has not been on air yet.</Text>}
      {broadcasts.length > 0 && (
        <Table verticalSpacing="xs" aria-label="Broadcasts" className="figures">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Began</Table.Th>
              <Table.Th ta="end">Length</Table.Th>
              <Table.Th ta="end">Viewers at most</Table.Th>
              <Table.Th visibleFrom="sm">End</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {broadcasts.map((broadcast) => (
              <Table.Tr key={broadcast.streamId} data-testid="broadcast">
                <Table.Td>{dateTime(broadcast.startedAt)}</Table.Td>
                <Table.Td ta="end">{minutesText(broadcast.minutes)}</Table.Td>
                <Table.Td ta="end">{broadcast.peakViewers}</Table.Td>
                <Table.Td visibleFrom="sm">{endCauseText(broadcast.endCause)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
      {total > BROADCASTS_PAGE && (
        <Group justify="space-between">
          <Button variant="default" size="xs" disabled={offset === 0} onClick={() => setOffset(Math.max(0, offset - BROADCASTS_PAGE))}>Newer</Button>
          <Text size="sm" c="dimmed" role="status">{offset + 1} to {offset + broadcasts.length} of {total}</Text>
          <Button variant="default" size="xs" disabled={offset + BROADCASTS_PAGE >= total} onClick={() => setOffset(offset + BROADCASTS_PAGE)}>Older</Button>
        </Group>
      )}
    </Section>
  );
}
