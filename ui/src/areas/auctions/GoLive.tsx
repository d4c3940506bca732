import { Alert, Button, Paper, Stack, Text, Title } from "@mantine/core";
import { IconAlertCircle, IconKey } from "@tabler/icons-react";
import { sentence } from "../../api/error";
import type { VideoState } from "../../api/types";
import { ApiEcho } from "../../shell/ApiEcho";
import { EncoderSteps } from "../broadcasts/EncoderSteps";
import { splitAddresses } from "../broadcasts/publishing";
import { useStreamKey } from "./queries";

/** The steps from a created auction to a picture, with everything to copy on the way. */
export function GoLive({ id, videoState }: { id: string; videoState: VideoState }) {
  const { key, reveal } = useStreamKey(id);
  return (
    <Paper withBorder p={{ base: "md", sm: "xl" }} component="section" aria-labelledby="go-live">
      <Stack gap="md">
        <Title order={2} id="go-live">Go live</Title>
        {key ? <EncoderSteps ingest={splitAddresses(key)} videoState={videoState} /> : (
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
