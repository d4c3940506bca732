import { Button, Grid, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { IconExternalLink } from "@tabler/icons-react";
import { Link } from "react-router";
import { serverClock } from "../../../api/clock";
import { ApiError, sentence } from "../../../api/error";
import { CopyField } from "../../../shell/CopyField";
import { Empty } from "../../../shell/Empty";
import { Loading } from "../../../shell/Loading";
import { Page } from "../../../shell/Page";
import { useServerText } from "../../../shell/useServerText";
import { useSession } from "../../accounts/useSession";
import { HealthPanel } from "../../broadcasts/HealthPanel";
import { ChannelBadge } from "../ChannelBadge";
import { ChannelPicture } from "../ChannelPicture";
import { useChannelNews } from "../live";
import type { HostChannel } from "../types";
import { situation } from "../words";
import { Checklist } from "./Checklist";
import { goLiveSteps } from "./checklist";
import { KeyPanel } from "./KeyPanel";
import { OwnWindows } from "./OwnWindows";
import { useHostChannel, useHostHealth, useOwnSession } from "./queries";
import { SessionPanel } from "./SessionPanel";

/** Where a host goes live: what is missing, what OBS needs, the session, and how the stream arrives. */
export default function MyChannelPage() {
  const session = useSession();
  return session.status === "signed-in" && <Mine key={session.account.id} userId={session.account.id} />;
}

function Mine({ userId }: { userId: string }) {
  const channel = useHostChannel(userId);
  const id = channel.data?.channelId;
  useChannelNews(`channel:${id ?? ""}`, id !== undefined);
  if (channel.isPending) return <Loading label="Opening your channel" />;
  if (channel.error instanceof ApiError && channel.error.status === 404) return <NoChannel />;
  if (channel.data) return <Desk userId={userId} channel={channel.data} />;
  return (
    <Page title="Your channel" isHeadingHidden>
      <Empty title={sentence(channel.error)} action={<Button onClick={() => void channel.refetch()}>Try again</Button>} />
    </Page>
  );
}

function NoChannel() {
  return (
    <Page title="Your channel" isHeadingHidden>
      <Empty title="You have no channel yet" action={<Button component={Link} to="/groups">Your groups</Button>}>
        A channel is a permanent place to broadcast to, with one address for your audience. Ask for one from a group of yours; an
        administrator decides, and you are told.
      </Empty>
    </Page>
  );
}

function Desk({ userId, channel }: { userId: string; channel: HostChannel }) {
  const { channelId, channelName, onAir, playbackUrl, state, video } = channel;
  const session = useOwnSession(userId, channelId);
  const health = useHostHealth(userId, onAir);
  const nowMs = useMinute();
  const steps = goLiveSteps({ channel, session: session.data, health: health.data, nowMs });
  return (
    <Page
      title={channelName}
      lead={
        <Group gap="sm">
          <ChannelBadge state={state} />
          <span>{situation(channel)}</span>
        </Group>
      }
      actions={
        <Button component={Link} to={`/watch/${channelId}`} variant="default" leftSection={<IconExternalLink size={18} />}>
          Watch page
        </Button>
      }
    >
      <Grid gap="xl">
        <Grid.Col span={{ base: 12, md: 6 }}>
          <Stack gap="lg">
            <Paper withBorder p={{ base: "md", sm: "xl" }} component="section" aria-labelledby="go-live">
              <Title order={2} id="go-live" mb="md">Go live</Title>
              <Checklist steps={steps} />
            </Paper>
            <SessionPanel channel={channel} session={session.data} error={session.error} />
            <KeyPanel userId={userId} channel={channel} />
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 6 }}>
          <Stack gap="lg">
            <div>
              <ChannelPicture name={channelName} url={playbackUrl} state={state} video={video} />
              <Text size="sm" c="dimmed" mt="xs">What your viewers see.</Text>
            </div>
            <HealthPanel health={health} isLive={onAir} />
            <OwnWindows bookings={channel.bookings} nowMs={nowMs} />
            <Paper withBorder p={{ base: "md", sm: "xl" }} component="section" aria-labelledby="addresses">
              <Stack gap="md">
                <Title order={2} id="addresses">For your audience</Title>
                <CopyField label="Address of the watch page" value={`${window.location.origin}/ui/watch/${channelId}`} testId="watch-url" />
                <CopyField label="Playback address" value={playbackUrl} testId="playback-url" />
              </Stack>
            </Paper>
          </Stack>
        </Grid.Col>
      </Grid>
    </Page>
  );
}

/** The server's time, which renders again once a minute. */
function useMinute(): number {
  const minute = useServerText((now) => String(Math.floor(now / 60_000) * 60_000));
  return Number(minute ?? serverClock.now() ?? 0);
}
