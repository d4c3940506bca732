import { Alert, Anchor, Button, List, Paper, SegmentedControl, Stack, Text, Title } from "@mantine/core";
import { IconAlertCircle, IconEye, IconEyeOff, IconKey } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import { sentence } from "../../api/error";
import type { StreamKey, VideoState } from "../../api/types";
import { ApiEcho } from "../../shell/ApiEcho";
import { CopyField } from "../../shell/CopyField";
import classes from "./GoLive.module.css";
import { ffmpegCommand, mask, type Protocol, publishAddress } from "./publishing";
import { useStreamKey } from "./queries";

/** The steps from a created auction to a picture, with everything to copy on the way. */
export function GoLive({ id, videoState }: { id: string; videoState: VideoState }) {
  const { key, reveal } = useStreamKey(id);
  return (
    <Paper withBorder p={{ base: "md", sm: "xl" }} component="section" aria-labelledby="go-live">
      <Stack gap="md">
        <Title order={2} id="go-live">Go live</Title>
        {key ? <Steps streamKey={key} videoState={videoState} /> : (
          <>
            <Text c="dimmed">
              Whoever has the stream key can broadcast in your name. It is shown on request only, and each request is
              recorded.
            </Text>
            {reveal.error && <Alert role="alert" color="live" icon={<IconAlertCircle />} title={sentence(reveal.error)} />}
            <Button onClick={() => reveal.mutate()} loading={reveal.isPending} leftSection={<IconKey size={18} />} w="fit-content">
              Reveal server and key
            </Button>
          </>
        )}
        <ApiEcho method="POST" path={`/api/auctions/${id}/stream-key/reveal`} isAuthorised />
      </Stack>
    </Paper>
  );
}

function Steps({ streamKey, videoState }: { streamKey: StreamKey; videoState: VideoState }) {
  const [protocol, setProtocol] = useState<Protocol>(streamKey.rtmp_url ? "rtmp" : "rtmps");
  const [isShown, setIsShown] = useState(false);
  const { server, key, url } = publishAddress(streamKey, protocol);
  const shownKey = isShown ? key : mask(key);
  return (
    <ol className={classes.steps}>
      <Step title="Open OBS: Settings → Stream" isDone={videoState === "live"}>
        <Text size="sm" c="dimmed">As the service choose “Custom…”. Then carry over these two fields.</Text>
        {streamKey.rtmp_url && (
          <SegmentedControl
            aria-label="Protocol" size="xs" w="fit-content" value={protocol}
            onChange={(value) => setProtocol(value === "rtmps" ? "rtmps" : "rtmp")}
            data={[{ value: "rtmp", label: "RTMP" }, { value: "rtmps", label: "RTMPS (encrypted)" }]}
          />
        )}
        <CopyField label="Server" value={server} testId="obs-server" />
        <CopyField label="Stream key" value={key} shown={shownKey} testId="obs-key" />
        <Button
          variant="subtle" size="compact-sm" w="fit-content" aria-pressed={isShown} onClick={() => setIsShown(!isShown)}
          leftSection={isShown ? <IconEyeOff size={16} /> : <IconEye size={16} />}
        >
          {isShown ? "Hide the key" : "Show the key"}
        </Button>
      </Step>
      <Step title="Settings → Output: short delay" isDone={videoState === "live"}>
        <List size="sm" c="dimmed" spacing={2}>
          <List.Item>Encoder x264 or your graphics card’s H.264, rate control CBR, 2,500 kbit/s</List.Item>
          <List.Item>Keyframe interval 2 s</List.Item>
          <List.Item>Tune “zerolatency”, no B-frames</List.Item>
        </List>
      </Step>
      <Step title="Press “Start Streaming”" isDone={videoState === "live"}>
        <Text size="sm" c="dimmed" role="status">{STATES[videoState]}</Text>
      </Step>
      <li className={classes.aside}>
        <details>
          <Anchor component="summary" size="sm" w="fit-content">No OBS at hand? Use ffmpeg</Anchor>
          <Stack gap="sm" mt="sm">
            <CopyField label="Address with key" value={url} shown={server + shownKey} testId="joined-url" />
            <CopyField label="Command for a test picture" isMultiline value={ffmpegCommand(url)} shown={ffmpegCommand(server + shownKey)} />
          </Stack>
        </details>
      </li>
    </ol>
  );
}

const STATES: Record<VideoState, string> = {
  waiting: "Nothing has arrived yet. This page changes by itself when it does.",
  live: "We see you: your picture is on air.",
  interrupted: "Your stream broke off. Start it again and the same broadcast continues.",
  ended: "The broadcast has ended. You can start again with the same key.",
};

function Step({ title, isDone, children }: { title: string; isDone: boolean; children: ReactNode }) {
  return (
    <li data-done={isDone || undefined}>
      <Text fw={600}>{title}</Text>
      <Stack gap="sm" mt={6}>{children}</Stack>
    </li>
  );
}
