import { Button, Group, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { IconUserPlus } from "@tabler/icons-react";
import { useState } from "react";
import { ApiEcho } from "../../../shell/ApiEcho";
import { Dialog } from "../../../shell/Dialog";
import { date } from "../../../shell/format";
import { FormError } from "../../accounts/FormError";
import { shownEmail } from "../../accounts/oidc";
import { Row, Rows } from "../../../shell/Row";
import { Section } from "../../../shell/Section";
import { AssignHost } from "../AssignHost";
import { useUnassign } from "../queries";
import type { Channel, ChannelHost } from "../types";

/** Who may go live on the channel. */
export function HostsPanel({ channel }: { channel: Channel }) {
  const { channelId, channelName, hosts } = channel;
  const [isAssigning, assigning] = useDisclosure(false);
  const [isUnassigning, unassigning] = useDisclosure(false);
  const [chosen, setChosen] = useState<ChannelHost>();
  return (
    <>
      <Section
        title="Hosts" about="Who has the stream key and may go live here." error={null} isPending={false}
        action={<Button size="sm" variant="default" leftSection={<IconUserPlus size={17} />} onClick={assigning.open}>Assign a host</Button>}
      >
        {hosts.length === 0 && <Text c="dimmed">Nobody yet. Assign a host by e-mail, and they are told.</Text>}
        <Rows label="Hosts">
          {hosts.map((host) => (
            <Row
              key={host.hostUserId} name={host.name} detail={`${shownEmail(host.email)} · since ${date(host.assignedAt)}`}
              action={
                <Button
                  size="xs" variant="default" aria-label={`Unassign ${host.name}`}
                  onClick={() => {
                    setChosen(host);
                    unassigning.open();
                  }}
                >
                  Unassign
                </Button>
              }
            />
          ))}
        </Rows>
      </Section>
      <AssignHost channelId={channelId} channelName={channelName} isOpen={isAssigning} onClose={assigning.close} />
      {chosen && <UnassignHost channel={channel} host={chosen} isOpen={isUnassigning} onClose={unassigning.close} />}
    </>
  );
}

function UnassignHost({ channel, host, isOpen, onClose }: { channel: Channel; host: ChannelHost; isOpen: boolean; onClose: () => void }) {
  const unassign = useUnassign(channel.channelId);
  const submit = () =>
    unassign.mutate(host.hostUserId, {
      onSuccess: ({ message }) => {
        onClose();
        notifications.show({ title: channel.channelName, message });
      },
    });
  return (
    <Dialog title="Unassign this host?" isOpen={isOpen} onClose={onClose} onClosed={unassign.reset}>
      <Text>
        <bdi>{host.name}</bdi> loses the channel at once: the stream key stops working{channel.onAir && ", the running stream is cut"}.
        {channel.hosts.length > 1 && " The other hosts get a new key on their page."}
      </Text>
      <FormError error={unassign.error} />
      <Group justify="end">
        <Button variant="default" data-autofocus onClick={onClose}>Keep the host</Button>
        <Button color="live" loading={unassign.isPending} onClick={submit}>Unassign</Button>
      </Group>
      <ApiEcho method="DELETE" path={`/admin/channels/${channel.channelId}/assign/${host.hostUserId}`} isAuthorised />
    </Dialog>
  );
}
