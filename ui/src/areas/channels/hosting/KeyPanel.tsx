import { Button, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { IconKey, IconRefresh } from "@tabler/icons-react";
import { ApiEcho } from "../../../shell/ApiEcho";
import { Dialog } from "../../../shell/Dialog";
import { FormError } from "../../accounts/FormError";
import { EncoderSteps } from "../../broadcasts/EncoderSteps";
import type { HostChannel } from "../types";
import { useHostKey } from "./queries";

/** The encoder's fields; the key on request only, and a new one when somebody else may know it. */
export function KeyPanel({ userId, channel }: { userId: string; channel: HostChannel }) {
  const { key, reveal, rotate } = useHostKey(userId);
  const [isRotating, rotating] = useDisclosure(false);
  const path = `/hosts/${userId}/channel/stream-key`;
  const submit = () =>
    rotate.mutate(undefined, {
      onSuccess: () => {
        rotating.close();
        notifications.show({ title: channel.channelName, message: "The stream key is new. Carry it to your encoder." });
      },
    });
  // A key that another tab or an administrator replaced would be refused: it is shown only as long as it is this channel's.
  const isKnown = key !== undefined && key.channelId === channel.channelId;
  return (
    <Paper withBorder p={{ base: "md", sm: "xl" }} component="section" aria-labelledby="encoder">
      <Stack gap="md">
        <Title order={2} id="encoder">Your encoder</Title>
        {isKnown ? (
          <EncoderSteps
            key={key.streamKey} ingest={{ key: key.streamKey, servers: key.servers }} videoState={channel.video.state}
          />
        ) : (
          <>
            <Text c="dimmed">
              Whoever has the stream key can broadcast in your name. It is shown on request only, and each request is recorded.
            </Text>
            <FormError error={reveal.error} />
          </>
        )}
        <Group gap="sm">
          {!isKnown && (
            <Button onClick={() => reveal.mutate()} loading={reveal.isPending} leftSection={<IconKey size={18} />}>
              Reveal server and key
            </Button>
          )}
          <Button variant="default" leftSection={<IconRefresh size={18} />} onClick={rotating.open}>Make a new key</Button>
        </Group>
        <ApiEcho method="POST" path={`${path}/reveal`} isAuthorised />
      </Stack>
      <Dialog title="Make a new stream key?" isOpen={isRotating} onClose={rotating.close} onClosed={rotate.reset}>
        <Text>
          The present key stops working at once{channel.onAir && ", and the stream that is on air is cut"}. Everybody who streams to
          this channel has to enter the new key.
        </Text>
        <FormError error={rotate.error} />
        <Group justify="end">
          <Button variant="default" data-autofocus onClick={rotating.close}>Keep the key</Button>
          <Button color="live" loading={rotate.isPending} onClick={submit}>Make a new key</Button>
        </Group>
        <ApiEcho method="POST" path={`${path}/rotate`} isAuthorised />
      </Dialog>
    </Paper>
  );
}
