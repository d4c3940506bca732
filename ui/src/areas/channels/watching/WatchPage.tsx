import { Button, Group, Text } from "@mantine/core";
import { useParams } from "react-router";
import { ApiError, sentence } from "../../../api/error";
import { CopyField } from "../../../shell/CopyField";
import { Empty } from "../../../shell/Empty";
import { dateTime, timeLeft } from "../../../shell/format";
import { Loading } from "../../../shell/Loading";
import { NotFoundPage } from "../../../shell/NotFoundPage";
import { Page } from "../../../shell/Page";
import { useServerText } from "../../../shell/useServerText";
import { ChannelBadge } from "../ChannelBadge";
import { ChannelPicture } from "../ChannelPicture";
import { useChannelNews } from "../live";
import type { PublicChannel } from "../types";
import { useOpenChannel } from "./queries";

/** Where everybody watches a channel: it waits while nobody is on air, and starts by itself. */
export default function WatchPage() {
  const { channelId = "" } = useParams();
  return <Watch key={channelId} id={channelId} />;
}

function Watch({ id }: { id: string }) {
  const channel = useOpenChannel(id);
  useChannelNews(`channel:${id}`, channel.data !== undefined);
  if (channel.isPending) return <Loading label="Opening the channel" />;
  if (channel.data) return <Room channel={channel.data} />;
  if (channel.error instanceof ApiError && [400, 404].includes(channel.error.status)) return <NotFoundPage />;
  return (
    <Page title="Channel" isHeadingHidden>
      <Empty title={sentence(channel.error)} action={<Button onClick={() => void channel.refetch()}>Try again</Button>} />
    </Page>
  );
}

function Room({ channel }: { channel: PublicChannel }) {
  const { name, playbackUrl, state, video, imageUrl, nextWindow } = channel;
  return (
    <Page title={name} lead={<ChannelBadge state={state} />} width="64rem">
      <ChannelPicture
        name={name} url={playbackUrl} state={state} video={video} poster={imageUrl}
        next={nextWindow && <NextWindow startsAt={nextWindow.startsAt} />}
      />
      {nextWindow && video.state !== "live" && (
        <Group gap="xs">
          <Text>Next on this channel:</Text>
          <Text fw={600}><time dateTime={nextWindow.startsAt}>{dateTime(nextWindow.startsAt)}</time></Text>
        </Group>
      )}
      <details>
        <summary>Watch in another player</summary>
        <CopyField label="Playback address" value={playbackUrl} />
      </details>
    </Page>
  );
}

function NextWindow({ startsAt }: { startsAt: string }) {
  const startMs = Date.parse(startsAt);
  const words = useServerText((now) => (startMs > now ? `It goes on in ${timeLeft(startMs - now)}.` : "It should begin any moment."));
  return <>{words} The picture starts here by itself.</>;
}
