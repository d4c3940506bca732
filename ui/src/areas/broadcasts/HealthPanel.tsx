import { Alert, Group, Paper, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck, IconInfoCircle } from "@tabler/icons-react";
import { sentence } from "../../api/error";
import type { Broadcast, Health as AuctionHealth } from "../../api/types";
import { bitrate } from "../../shell/format";
import { LineChart } from "../../shell/LineChart";

/** How a broadcast does, whoever it belongs to. */
export type Health = Omit<AuctionHealth, "auction_id">;
type Advice = Health["advice"][number];

export interface HealthPanelProps {
  health: { data: Health | undefined; error: Error | null };
  /** Whether measurements may still come. */
  isLive: boolean;
}

/** How well the broadcast arrives: the server's advice first, then the measurements over time. */
export function HealthPanel({ health, isLive }: HealthPanelProps) {
  const advice = health.data?.advice ?? [];
  const samples = health.data?.samples ?? [];
  const plot = (of: (sample: (typeof samples)[number]) => number | null) =>
    samples.map((sample) => ({ at: sample.at_ms, value: of(sample) }));
  if (!isLive && samples.length === 0) return null;
  return (
    <Paper withBorder p={{ base: "md", sm: "xl" }} component="section" aria-labelledby="health">
      <Stack gap="md">
        <div>
          <Title order={2} id="health">Health</Title>
          {health.data?.broadcast && <Text size="sm" c="dimmed">{describe(health.data.broadcast)}</Text>}
        </div>
        {health.error && <Alert color="brass" icon={<IconAlertTriangle />} title={sentence(health.error)} />}
        <Stack gap="xs" aria-live="polite" display={samples.length > 0 || advice.length > 0 ? undefined : "none"}>
          {advice.map((line) => <AdviceLine key={line.text} {...line} />)}
          {samples.length > 0 && advice.length === 0 && (
            <Group gap="xs">
              <IconCircleCheck size={20} color="var(--accent)" aria-hidden />
              <Text>Everything measured is as it should be.</Text>
            </Group>
          )}
        </Stack>
        {samples.length === 0 ? (
          <Text c="dimmed">Measurements appear here some seconds after your stream arrives.</Text>
        ) : (
          <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="lg">
            <LineChart
              label="Video bitrate" meaning="What your encoder sends as picture, per second. Steady is good."
              points={plot((s) => s.video_bitrate_bps)} format={bitrate}
            />
            <LineChart
              label="Frame rate" meaning="Frames that arrive per second. Gaps mean that the encoder or the network drops some."
              points={plot((s) => s.frame_rate)} format={(v) => `${v.toFixed(1)} fps`}
            />
            <LineChart
              label="Keyframe interval" meaning="Time between two frames at which a viewer can join. Two seconds or less keeps joining quick."
              points={plot((s) => s.keyframe_interval_ms)} format={(v) => `${(v / 1000).toFixed(1)} s`}
            />
            <LineChart
              label="Viewers" meaning="Players that fetched the picture lately; one person with two windows counts twice."
              points={plot((s) => s.viewers)} format={(v) => String(Math.round(v))}
            />
          </SimpleGrid>
        )}
      </Stack>
    </Paper>
  );
}

// Codec strings and encoder tags as programs write them, and the names that people know.
const NAMES: [RegExp, string][] = [
  [/^avc1\b/, "H.264"],
  [/^mp4a\.40\b/, "AAC"],
  [/^Lavf/, "FFmpeg"],
  [/^obs-output module/, "OBS Studio"],
];

function productName(tag: string | null): string | null {
  return tag && (NAMES.find(([pattern]) => pattern.test(tag))?.[1] ?? tag);
}

const LEVELS = {
  info: { Icon: IconInfoCircle, color: "var(--accent)", word: "Note" },
  warn: { Icon: IconAlertTriangle, color: "var(--mantine-color-brass-6)", word: "Warning" },
  error: { Icon: IconAlertTriangle, color: "var(--mantine-color-error)", word: "Problem" },
};

function AdviceLine({ level, text }: Advice) {
  const { Icon, color, word } = LEVELS[level];
  return (
    <Group gap="xs" wrap="nowrap" align="start" data-testid="advice">
      <Icon size={20} color={color} role="img" aria-label={word} style={{ flex: "none", marginTop: 2 }} />
      <Text>{text}</Text>
    </Group>
  );
}

/** What arrives, in one line: `1280×720 · H.264 · AAC · OBS Studio`. */
function describe({ ingest }: Broadcast): string {
  if (!ingest) return "";
  const { width, height, video_codec, audio_codec, encoder } = ingest;
  const size = width && height ? `${width}×${height}` : null;
  return [size, productName(video_codec), productName(audio_codec), productName(encoder)].filter(Boolean).join(" · ");
}
