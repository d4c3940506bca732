import { Button, Group as Line, Paper, Stack, Text, Title } from "@mantine/core";
import { IconBroadcast, IconExternalLink } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { Link } from "react-router";
import type { ChannelRequest, Group } from "../../api/types";
import { dateTime } from "../../shell/format";
import { useSession } from "../accounts/useSession";
import classes from "./ChannelPanel.module.css";
import { RequestBadge } from "./RequestBadge";
import { RequestChannel } from "./RequestChannel";
import { WithdrawRequest } from "./WithdrawRequest";

/** Whether the group has a channel, and the way to one. */
export function ChannelPanel({ group }: { group: Group }) {
  const { channelRequest: request } = group;
  return (
    <Paper withBorder p={{ base: "md", sm: "xl" }} component="section" aria-labelledby="channel" data-testid="channel-panel">
      <Stack gap="sm">
        <Line justify="space-between" gap="sm">
          <Title order={2} id="channel">Channel</Title>
          <RequestBadge request={request} />
        </Line>
        {request ? <Asked group={group} request={request} /> : <NotAsked group={group} />}
      </Stack>
    </Paper>
  );
}

function NotAsked({ group }: { group: Group }) {
  return (
    <>
      <Text maw="42rem">
        A channel is a permanent place to broadcast to, with an address that viewers can keep. An administrator decides who gets one.
      </Text>
      <div><RequestChannel group={group} label="Create channel from group" /></div>
    </>
  );
}

function Asked({ group, request }: { group: Group; request: ChannelRequest }) {
  switch (request.status) {
    case "PENDING":
      return (
        <>
          <Told at={request.requestedAt}>You asked for a channel named “<bdi>{request.proposedName}</bdi>”.</Told>
          {request.note && <Quote>{request.note}</Quote>}
          <Text size="sm" c="dimmed">This page and a notification tell you what an administrator decides.</Text>
          <div><WithdrawRequest request={request} /></div>
        </>
      );
    case "APPROVED":
      return <Approved group={group} request={request} />;
    case "REJECTED":
      return (
        <>
          <Told at={request.decidedAt}>An administrator rejected the channel “<bdi>{request.proposedName}</bdi>” and wrote:</Told>
          <Quote>{request.reason}</Quote>
          <div><RequestChannel group={group} label="Ask again" /></div>
        </>
      );
  }
}

function Approved({ group, request }: { group: Group; request: ChannelRequest }) {
  const session = useSession();
  const isMine = session.status === "signed-in" && session.account.id === group.ownerId;
  return (
    <>
      <Told at={request.decidedAt}>Approved: the channel “<bdi>{request.proposedName}</bdi>” was created and assigned to {isMine ? "you" : "the group’s owner"}.</Told>
      {request.channelId && (
        <Line gap="sm">
          <Button component={Link} to={isMine ? "/my-channel" : `/channels/${request.channelId}`} leftSection={<IconBroadcast size={18} aria-hidden />}>
            {isMine ? "Go to my channel" : "Open the channel"}
          </Button>
          <Button component={Link} to={`/watch/${request.channelId}`} variant="default" leftSection={<IconExternalLink size={18} aria-hidden />}>
            What viewers see
          </Button>
        </Line>
      )}
    </>
  );
}

function Told({ at, children }: { at: string | null; children: ReactNode }) {
  return (
    <Text className="user-text">
      {children} {at && <Text component="time" dateTime={at} c="dimmed" size="sm" inherit={false}>{dateTime(at)}</Text>}
    </Text>
  );
}

function Quote({ children }: { children: ReactNode }) {
  return <blockquote className={classes.quote} dir="auto">{children}</blockquote>;
}
