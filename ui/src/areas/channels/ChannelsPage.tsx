import { Alert, Button, Group, Paper, Skeleton, Stack, Text, Title } from "@mantine/core";
import { IconAlertCircle, IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import { useSearchParams } from "react-router";
import { sentence } from "../../api/error";
import { Empty } from "../../shell/Empty";
import { count } from "../../shell/format";
import { Page } from "../../shell/Page";
import { RequireAdmin } from "../accounts/RequireAdmin";
import { AssignHost } from "./AssignHost";
import { CapacityGauge } from "./CapacityGauge";
import { ChannelCard } from "./ChannelCard";
import classes from "./ChannelCard.module.css";
import { ChannelFilters } from "./ChannelFilters";
import { CreateChannel } from "./CreateChannel";
import { isFiltered, readFilters } from "./filters";
import { CHANNELS_TOPIC, useChannelNews } from "./live";
import { useCapacity, useChannels } from "./queries";
import { PendingRequests } from "./requests/PendingRequests";
import type { Channel } from "./types";

/** Vista Stream: every channel of the installation, who asks for one, and how many there may be. */
export default function ChannelsPage() {
  return <RequireAdmin title="Channels"><Channels /></RequireAdmin>;
}

function Channels() {
  const [isCreating, setIsCreating] = useState(false);
  const capacity = useCapacity();
  useChannelNews(CHANNELS_TOPIC);
  const open = () => setIsCreating(true);
  return (
    <Page
      title="Channels" lead="Permanent places to broadcast to, and their hosts."
      actions={<Button leftSection={<IconPlus size={18} />} onClick={open}>Create a channel</Button>}
    >
      <Paper withBorder p={{ base: "md", sm: "xl" }}>
        {capacity.data && <CapacityGauge capacity={capacity.data} />}
        {capacity.error && <Alert role="alert" color="live" icon={<IconAlertCircle />} title={sentence(capacity.error)} />}
        {capacity.isPending && <Skeleton h={38} role="status" aria-label="Loading the capacity" />}
      </Paper>
      <PendingRequests capacity={capacity.data} />
      <ChannelList onCreate={open} />
      <CreateChannel isOpen={isCreating} onClose={() => setIsCreating(false)} />
    </Page>
  );
}

function ChannelList({ onCreate }: { onCreate: () => void }) {
  const [query, setQuery] = useSearchParams();
  const filters = readFilters(query);
  const list = useChannels(filters);
  const [assigning, setAssigning] = useState<Channel>();
  const [isAssigning, setIsAssigning] = useState(false);
  const channels = list.data?.pages.flatMap((page) => page.channels) ?? [];
  const change = (changes: Record<string, string>) => {
    const next = new URLSearchParams(query);
    for (const [name, value] of Object.entries(changes)) {
      if (value) next.set(name, value);
      else next.delete(name);
    }
    setQuery(next, { replace: true });
  };
  return (
    <Stack component="section" gap="md" aria-labelledby="channel-list">
      <Title order={2} id="channel-list">All channels</Title>
      <ChannelFilters filters={filters} onChange={change} />
      {list.error && (
        <Alert color="live" icon={<IconAlertCircle />} title={sentence(list.error)} role="alert">
          <Button size="compact-sm" variant="default" onClick={() => void list.refetch()}>Try again</Button>
        </Alert>
      )}
      {list.isPending && <Skeleton h={92} radius="lg" role="status" aria-label="Loading channels" />}
      {list.data && (
        <Text size="sm" c="dimmed" role="status">
          {count(channels.length, "channel")}{list.hasNextPage ? " shown, there are more" : ""}
        </Text>
      )}
      {list.data && channels.length === 0 && (isFiltered(filters)
        ? <NothingMatches onClear={() => change({ q: "", state: "" })} />
        : <NoChannels onCreate={onCreate} />)}
      {channels.length > 0 && (
        <ul className={classes.list} aria-label="Channels">
          {channels.map((channel) => (
            <li key={channel.channelId}>
              <ChannelCard
                channel={channel}
                onAssign={() => {
                  setAssigning(channel);
                  setIsAssigning(true);
                }}
              />
            </li>
          ))}
        </ul>
      )}
      {list.hasNextPage && (
        <Group justify="center">
          <Button variant="default" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>Show more</Button>
        </Group>
      )}
      {assigning && (
        <AssignHost
          channelId={assigning.channelId} channelName={assigning.channelName} isOpen={isAssigning}
          onClose={() => setIsAssigning(false)}
        />
      )}
    </Stack>
  );
}

function NothingMatches({ onClear }: { onClear: () => void }) {
  return (
    <Empty title="Nothing matches" action={<Button variant="default" onClick={onClear}>Clear the filters</Button>}>
      No channel is in this state and has this name or host.
    </Empty>
  );
}

function NoChannels({ onCreate }: { onCreate: () => void }) {
  return (
    <Empty title="There are no channels yet" action={<Button onClick={onCreate}>Create a channel</Button>}>
      A channel has one playback address for good. Create one and assign it to a host, or let hosts ask for theirs from their groups.
    </Empty>
  );
}
