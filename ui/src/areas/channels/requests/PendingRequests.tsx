import { Button, Group, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconCheck, IconInbox, IconPhoto, IconX } from "@tabler/icons-react";
import { dateTime } from "../../../shell/format";
import { Poster } from "../../../shell/Poster";
import { shownEmail } from "../../accounts/oidc";
import { Section } from "../../../shell/Section";
import type { Capacity, ChannelRequest } from "../types";
import { ApproveRequest } from "./ApproveRequest";
import classes from "./PendingRequests.module.css";
import { usePendingRequests } from "./queries";
import { RejectRequest } from "./RejectRequest";

/** Hosts who ask for a channel, and the two answers. */
export function PendingRequests({ capacity }: { capacity: Capacity | undefined }) {
  const pending = usePendingRequests();
  const requests = pending.data?.pages.flatMap((page) => page.requests) ?? [];
  return (
    <Section
      title="Requests" about="Hosts ask for a channel from one of their groups. Approving creates the channel and assigns it to them."
      error={pending.error} isPending={pending.isPending}
    >
      {pending.data && requests.length === 0 && (
        <Group gap="xs" wrap="nowrap" role="status">
          <IconInbox size={20} color="var(--accent)" aria-hidden />
          <Text>Nobody is waiting for an answer.</Text>
        </Group>
      )}
      {requests.length > 0 && (
        <ul className={classes.list} aria-label="Pending requests">
          {requests.map((request) => <Request key={request.requestId} request={request} capacity={capacity} />)}
        </ul>
      )}
      {pending.hasNextPage && (
        <Button variant="default" w="fit-content" loading={pending.isFetchingNextPage} onClick={() => void pending.fetchNextPage()}>
          Show more requests
        </Button>
      )}
    </Section>
  );
}

function Request({ request, capacity }: { request: ChannelRequest; capacity: Capacity | undefined }) {
  const [isApproving, approving] = useDisclosure(false);
  const [isRejecting, rejecting] = useDisclosure(false);
  const { proposedName, groupName, ownerName, ownerEmail, note, imageUrl, requestedAt } = request;
  return (
    <li>
      <div className={classes.request} data-testid="channel-request">
        <div className={classes.picture}>
          <Poster url={imageUrl} title={groupName} icon={<IconPhoto size={26} stroke={1.3} />} />
        </div>
        <div className="user-text">
          <Text fw={600}><bdi>{proposedName}</bdi></Text>
          <Text size="sm" c="dimmed">
            <bdi>{ownerName}</bdi> ({shownEmail(ownerEmail)}), for the group “<bdi>{groupName}</bdi>”,{" "}
            <time dateTime={requestedAt}>{dateTime(requestedAt)}</time>
          </Text>
          {note && <Text size="sm" className={classes.note ?? ""}><bdi>{note}</bdi></Text>}
        </div>
        <Group gap="xs" className={classes.buttons ?? ""}>
          <Button size="sm" leftSection={<IconCheck size={16} />} aria-label={`Approve ${proposedName}`} onClick={approving.open}>
            Approve
          </Button>
          <Button size="sm" variant="default" leftSection={<IconX size={16} />} aria-label={`Reject ${proposedName}`} onClick={rejecting.open}>
            Reject
          </Button>
        </Group>
      </div>
      <ApproveRequest request={request} capacity={capacity} isOpen={isApproving} onClose={approving.close} />
      <RejectRequest request={request} isOpen={isRejecting} onClose={rejecting.close} />
    </li>
  );
}
