import { Anchor, Button, List, SegmentedControl, Stack, Text } from "@mantine/core";
import { IconEye, IconEyeOff } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import type { VideoState } from "../../api/types";
import { CopyField } from "../../shell/CopyField";
import classes from "./EncoderSteps.module.css";
import { ffmpegCommand, type Ingest, mask, type Protocol, publishAddress } from "./publishing";

/** The steps from a stream key to a picture, with everything to copy on the way. */
export function EncoderSteps({ ingest, videoState }: { ingest: Ingest; videoState: VideoState }) {
  const [protocol, setProtocol] = useState<Protocol>(ingest.servers.rtmp ? "rtmp" : "rtmps");
  const [isShown, setIsShown] = useState(false);
  const { server, key, url } = publishAddress(ingest, protocol);
  const shownKey = isShown ? key : mask(key);
  return (
    <ol className={classes.steps}>
      <Step title="Open OBS: Settings → Stream" isDone={videoState === "live"}>
        <Text size="sm" c="dimmed">As the service choose “Custom…”. Then carry over these two fields.</Text>
        {ingest.servers.rtmp && (
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
