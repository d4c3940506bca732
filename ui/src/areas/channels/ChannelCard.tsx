import { ActionIcon, Button, Group, Text, Tooltip } from "@mantine/core";
import { IconBroadcast, IconEye, IconUserPlus } from "@tabler/icons-react";
import { Link } from "react-router";
import { CopyButton } from "../../shell/CopyButton";
import { Poster } from "../../shell/Poster";
import { useServerText } from "../../shell/useServerText";
import { ChannelBadge } from "./ChannelBadge";
import classes from "./ChannelCard.module.css";
import type { Channel } from "./types";
import { healthText, minutesText, situation } from "./words";

// The picture of the moment is a little older than this at most.
const PICTURE_PERIOD_MS = 15_000;

/** One channel in the list: the name leads to its page, the buttons stay on this one. */
export function ChannelCard({ channel, onAssign }: { channel: Channel; onAssign: () => void }) {
  const { channelId, channelName, hosts, onAir, viewers, health, totalStreamingMinutes, playbackUrl } = channel;
  const moment = useServerText((now) => String(Math.floor(now / PICTURE_PERIOD_MS)));
  return (
    <article className={classes.card} data-testid="channel-card">
      <div className={classes.picture}>
        {/* Off air there is no picture of the moment. */}
        <Poster
          url={onAir && channel.thumbnailUrl ? `${channel.thumbnailUrl}?at=${moment ?? ""}` : null} title={channelName} icon={<IconBroadcast size={34} stroke={1.3} />}
        />
      </div>
      <div className={classes.text}>
        <Group gap="xs" mb={2}>
          <ChannelBadge state={channel.state} />
          <Text size="sm" c="dimmed">{situation(channel)}</Text>
        </Group>
        <Link to={`/channels/${channelId}`} className={classes.name ?? ""}><bdi>{channelName}</bdi></Link>
        <Text size="sm" c="dimmed" truncate>
          {hosts.length === 0 ? "No host assigned" : <bdi>{hosts.map(({ name }) => name).join(", ")}</bdi>}
        </Text>
      </div>
      <dl className={classes.figures}>
        <div>
          <dt>Viewers</dt>
          <dd>{onAir ? viewers : "–"}</dd>
        </div>
        <div>
          <dt>Time on air</dt>
          <dd>{minutesText(totalStreamingMinutes)}</dd>
        </div>
        {onAir && health && (
          <div>
            <dt>Stream</dt>
            <dd>{healthText(health)}</dd>
          </div>
        )}
      </dl>
      <div className={classes.actions}>
        {hosts.length === 0 && (
          <Button size="compact-sm" variant="light" leftSection={<IconUserPlus size={16} />} onClick={onAssign}
            aria-label={`Assign a host to ${channelName}`}>
            Assign a host
          </Button>
        )}
        <Tooltip label="The page where everybody watches">
          <ActionIcon component={Link} to={`/watch/${channelId}`} aria-label={`Watch ${channelName}`}><IconEye size={18} /></ActionIcon>
        </Tooltip>
        <CopyButton value={playbackUrl} label={`Copy the playback address of ${channelName}`} />
      </div>
    </article>
  );
}
