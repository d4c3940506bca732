import { Button, Grid, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { useParams } from "react-router";
import { ApiError, sentence } from "../../api/error";
import { Empty } from "../../shell/Empty";
import { Loading } from "../../shell/Loading";
import { NotFoundPage } from "../../shell/NotFoundPage";
import { Page } from "../../shell/Page";
import { RequireAdmin } from "../accounts/RequireAdmin";
import { CostMeter } from "../broadcasts/costs/CostMeter";
import { HealthPanel } from "../broadcasts/HealthPanel";
import { BookingCalendar } from "./calendar/BookingCalendar";
import { ChannelBadge } from "./ChannelBadge";
import { ChannelPicture } from "./ChannelPicture";
import { BroadcastsPanel } from "./detail/BroadcastsPanel";
import { ChannelActions } from "./detail/ChannelActions";
import { ChannelFacts } from "./detail/ChannelFacts";
import { AuditPanel, TimelinePanel } from "./detail/History";
import { HostsPanel } from "./detail/HostsPanel";
import { CHANNELS_TOPIC, useChannelNews } from "./live";
import { useChannel, useChannelCost, useChannelHealth } from "./queries";
import type { Channel } from "./types";
import { situation } from "./words";

/** Everything about one channel, for administrators. */
export default function ChannelPage() {
  const { id = "" } = useParams();
  return <RequireAdmin title="Channel"><Found key={id} id={id} /></RequireAdmin>;
}

function Found({ id }: { id: string }) {
  const channel = useChannel(id);
  useChannelNews(CHANNELS_TOPIC);
  if (channel.isPending) return <Loading label="Opening the channel" />;
  if (channel.data) return <Detail channel={channel.data} />;
  if (channel.error instanceof ApiError && channel.error.status === 404) return <NotFoundPage />;
  return (
    <Page title="Channel" isHeadingHidden>
      <Empty title={sentence(channel.error)} action={<Button onClick={() => void channel.refetch()}>Try again</Button>} />
    </Page>
  );
}

function Detail({ channel }: { channel: Channel }) {
  const { channelId, channelName, onAir } = channel;
  const health = useChannelHealth(channelId, onAir);
  const cost = useChannelCost(channelId, onAir);
  return (
    <Page
      title={channelName}
      lead={
        <Group gap="sm">
          <ChannelBadge state={channel.state} />
          <span>{situation(channel)}</span>
        </Group>
      }
      actions={<ChannelActions channel={channel} />}
    >
      <Grid gap="xl">
        <Grid.Col span={{ base: 12, md: 7 }}>
          <Stack gap="lg">
            <div>
              <ChannelPicture name={channelName} url={channel.playbackUrl} state={channel.state} video={channel.video} />
              <Text size="sm" c="dimmed" mt="xs">What viewers see.</Text>
            </div>
            <HealthPanel health={health} isLive={onAir} />
            <Paper withBorder p={{ base: "md", sm: "xl" }} component="section" aria-labelledby="calendar">
              <Title order={2} id="calendar" mb="sm">Calendar</Title>
              <BookingCalendar channelId={channelId} hosts={channel.hosts} />
            </Paper>
            <BroadcastsPanel channelId={channelId} />
            <TimelinePanel channel={channel} />
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 5 }}>
          <Stack gap="lg">
            <HostsPanel channel={channel} />
            <ChannelFacts channel={channel} />
            <CostMeter cost={cost} />
            <AuditPanel channel={channel} />
          </Stack>
        </Grid.Col>
      </Grid>
    </Page>
  );
}
