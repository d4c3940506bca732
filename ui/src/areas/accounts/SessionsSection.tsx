import { Badge, Button, Group, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useMutation } from "@tanstack/react-query";
import { dateTime } from "../../shell/format";
import { Dialog } from "../../shell/Dialog";
import { Row, Rows } from "../../shell/Row";
import { Section } from "../../shell/Section";
import { deviceName } from "./device";
import { FormError } from "./FormError";
import { type Session, useEndOtherSessions, useEndSession, useSessions } from "./queries";
import { signOutEverywhere } from "./operations";

/** Where one is signed in, and how to end that. */
export function SessionsSection() {
  const list = useSessions();
  const sessions = list.data?.sessions ?? [];
  const endOthers = useEndOtherSessions();
  return (
    <Section
      title="Where you are signed in"
      about="A device that you end is signed out within seconds. Do you not know one? End it, and change your password."
      error={list.error ?? endOthers.error}
      isPending={list.isPending}
    >
      <Rows label="Sessions">
        {sessions.map((session) => (
          <Row
            key={session.id}
            name={deviceName(session.user_agent)}
            detail={<Detail session={session} />}
            action={session.is_current ? <Badge variant="light">This device</Badge> : <EndSession session={session} />}
          />
        ))}
      </Rows>
      {list.data && (
        <Group justify="end" gap="sm">
          {sessions.length > 1 && (
            <Button variant="default" loading={endOthers.isPending} onClick={() => endOthers.mutate()}>
              Sign out all others
            </Button>
          )}
          <SignOutEverywhere />
        </Group>
      )}
    </Section>
  );
}

function Detail({ session }: { session: Session }) {
  return (
    <span title={session.user_agent || undefined}>
      {session.address && <><bdi>{session.address}</bdi> · </>}
      last active {dateTime(session.last_used_at)} · since {dateTime(session.created_at)}
    </span>
  );
}

function EndSession({ session }: { session: Session }) {
  const end = useEndSession();
  const name = deviceName(session.user_agent);
  return (
    <>
      <Button
        size="xs" variant="default" loading={end.isPending} aria-label={`Sign out ${name}`}
        onClick={() => end.mutate(session.id)}
      >
        Sign out
      </Button>
      <FormError error={end.error} />
    </>
  );
}

function SignOutEverywhere() {
  const [isOpen, { open, close }] = useDisclosure(false);
  const end = useMutation({ mutationFn: signOutEverywhere });
  return (
    <>
      <Button variant="default" onClick={open}>Sign out everywhere</Button>
      <Dialog title="Sign out everywhere?" isOpen={isOpen} onClose={close} onClosed={end.reset}>
        <Text>All devices are signed out, this one too.</Text>
        <FormError error={end.error} />
        <Group justify="end">
          <Button variant="default" data-autofocus onClick={close}>Stay signed in</Button>
          <Button color="live" loading={end.isPending} onClick={() => end.mutate()}>Sign out everywhere</Button>
        </Group>
      </Dialog>
    </>
  );
}
