import { Paper, Stack, Title } from "@mantine/core";
import { CopyField } from "../../../shell/CopyField";
import { Fact, Facts } from "../../../shell/Facts";
import { dateTime } from "../../../shell/format";
import { useStats } from "../queries";
import type { Channel } from "../types";
import { minutesText } from "../words";

/** Addresses to copy, and what the channel has done so far. */
export function ChannelFacts({ channel }: { channel: Channel }) {
  const stats = useStats(channel.channelId);
  const { totalBroadcasts, totalStreamingMinutes, lastBroadcastAt } = stats.data ?? channel;
  return (
    <Paper withBorder p={{ base: "md", sm: "xl" }} component="section" aria-labelledby="facts">
      <Stack gap="md">
        <Title order={2} id="facts">Facts</Title>
        <CopyField label="Playback address" value={channel.playbackUrl} testId="playback-url" />
        <Facts>
          <Fact name="Broadcasts">{totalBroadcasts}</Fact>
          <Fact name="Time on air"><span data-testid="minutes">{minutesText(totalStreamingMinutes)}</span></Fact>
          <Fact name="Last broadcast">{lastBroadcastAt ? dateTime(lastBroadcastAt) : "Never"}</Fact>
          {channel.currentSessionId && <Fact name="Session"><code>{channel.currentSessionId}</code></Fact>}
          <Fact name="Recording">{channel.recordingEnabled ? "On" : "Off"}</Fact>
          <Fact name="Created">{dateTime(channel.createdAt)}</Fact>
        </Facts>
        <CopyField label="Channel ARN" value={channel.channelArn} />
        <CopyField label="Ingest endpoint" value={channel.ingestEndpoint} />
        <CopyField label="Channel id" value={channel.channelId} />
      </Stack>
    </Paper>
  );
}
