import { Alert, Button, Checkbox, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { IconAlertTriangle, IconPlayerStop } from "@tabler/icons-react";
import { useState } from "react";
import { ApiError, isRecord, sentence } from "../../../api/error";
import { ApiEcho } from "../../../shell/ApiEcho";
import { Dialog } from "../../../shell/Dialog";
import { clockTime, dateTime } from "../../../shell/format";
import { FormError } from "../../accounts/FormError";
import type { HostChannel, Session } from "../types";
import { useEndSession, useHeartbeat, useStartSession } from "./queries";
import { ShowPicker } from "./ShowPicker";

export interface SessionPanelProps {
  channel: HostChannel;
  session: Session | null | undefined;
  error: Error | null;
}

/** Starts the host's session on the channel, keeps it alive, and ends it. */
export function SessionPanel({ channel, session, error }: SessionPanelProps) {
  return (
    <Paper withBorder p={{ base: "md", sm: "xl" }} component="section" aria-labelledby="session">
      <Stack gap="md">
        <Title order={2} id="session">Session</Title>
        <FormError error={error} />
        {session && <Running key={session.sessionId} session={session} isOnAir={channel.onAir} />}
        {session === null && <Start />}
      </Stack>
    </Paper>
  );
}

function Start() {
  const [showId, setShowId] = useState<string | null>(null);
  const start = useStartSession();
  return (
    <>
      <Text c="dimmed">A session keeps the channel for you, and counts what you broadcast for a show.</Text>
      <ShowPicker value={showId} onChange={setShowId} />
      <FormError error={withNextWindow(start.error)} />
      <Button w="fit-content" disabled={showId === null} loading={start.isPending} onClick={() => showId !== null && start.mutate(showId)}>
        Start session
      </Button>
      <ApiEcho method="POST" path="/sessions" body={{ showId: showId ?? "" }} isAuthorised />
    </>
  );
}

/** The server's refusal, with the next time that the host may start. */
function withNextWindow(error: Error | null): Error | null {
  if (!(error instanceof ApiError)) return error;
  const next = error.body["nextWindow"];
  const startsAt = isRecord(next) ? next["startsAt"] : next;
  if (typeof startsAt !== "string") return error;
  return new ApiError(error.status, `${error.message}. Your next window begins ${dateTime(startsAt)}.`, error.details, error.retryAfterS, error.body);
}

function Running({ session, isOnAir }: { session: Session; isOnAir: boolean }) {
  const heartbeat = useHeartbeat(session);
  const [isEnding, ending] = useDisclosure(false);
  return (
    <>
      <Text data-testid="session-running">
        Your session runs since <time dateTime={session.createdAt}>{dateTime(session.createdAt)}</time>.
      </Text>
      <Text size="sm" c="dimmed">
        {heartbeat.data && `It lasts while you are on air or this page is open; without either it would end at ${clockTime(Date.parse(heartbeat.data.leaseUntil))}.`}
      </Text>
      {heartbeat.error && (
        <Alert color="brass" role="alert" icon={<IconAlertTriangle />} title="The server does not hear this page">
          {sentence(heartbeat.error)} The session goes on while you are on air.
        </Alert>
      )}
      <Button color="live" w="fit-content" leftSection={<IconPlayerStop size={18} />} onClick={ending.open}>End session</Button>
      <EndSession session={session} isOnAir={isOnAir} isOpen={isEnding} onClose={ending.close} />
    </>
  );
}

function EndSession({ session, isOnAir, isOpen, onClose }: { session: Session; isOnAir: boolean; isOpen: boolean; onClose: () => void }) {
  const [isStopping, setIsStopping] = useState(true);
  const end = useEndSession(session.sessionId);
  const isCut = isOnAir && isStopping;
  const submit = () =>
    end.mutate(isCut, {
      onSuccess: ({ message }) => {
        onClose();
        notifications.show({ title: "Session", message });
      },
    });
  return (
    <Dialog title="End your session?" isOpen={isOpen} onClose={onClose} onClosed={end.reset}>
      <Text>The channel is free for others afterwards. Its address stays, and you can start again.</Text>
      {isOnAir && (
        <Checkbox
          label="Stop the stream as well" description="Otherwise viewers see your picture until your encoder stops."
          checked={isStopping} onChange={(event) => setIsStopping(event.currentTarget.checked)}
        />
      )}
      <FormError error={end.error} />
      <Group justify="end">
        <Button variant="default" data-autofocus onClick={onClose}>Go on</Button>
        <Button color="live" loading={end.isPending} onClick={submit}>End it</Button>
      </Group>
      <ApiEcho method="DELETE" path={`/sessions/${session.sessionId}${isCut ? "?stop=true" : ""}`} isAuthorised />
    </Dialog>
  );
}
