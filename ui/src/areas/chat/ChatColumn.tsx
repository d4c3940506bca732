import { Alert, Button, Group, Loader, Paper, Text, Title } from "@mantine/core";
import { IconLock, IconPlugConnectedX } from "@tabler/icons-react";
import { Link, useLocation } from "react-router";
import type { Auction } from "../../api/types";
import { mayUseDesk } from "../accounts/roles";
import { useSession } from "../accounts/useSession";
import classes from "./ChatColumn.module.css";
import { ChatLog } from "./ChatLog";
import { Composer } from "./Composer";
import { timeOf } from "./lines";
import { Restrictions } from "./Restrictions";
import { type Chat, useChat } from "./useChat";

/** The conversation of the room: everybody reads it, members speak, the seller keeps order. */
export function ChatColumn({ auction }: { auction: Auction }) {
  const session = useSession();
  const chat = useChat(auction, session);
  const isModerator = mayUseDesk(auction, session);
  return (
    <Paper withBorder className={classes.column} component="section" aria-labelledby="chat">
      <Group justify="space-between" wrap="nowrap" className={classes.head ?? ""}>
        <Title order={2} id="chat" size="h3">Chat</Title>
        {isModerator && !chat.isEnded && <Restrictions auctionId={auction.auction_id} />}
      </Group>
      <ChatLog auctionId={auction.auction_id} chat={chat} isModerator={isModerator} />
      <div className={classes.foot}>
        <Foot chat={chat} isAnonymous={session.status === "anonymous"} />
      </div>
    </Paper>
  );
}

function Foot({ chat, isAnonymous }: { chat: Chat; isAnonymous: boolean }) {
  const { pathname } = useLocation();
  const { state } = chat;
  if (chat.isEnded) return <Locked why="The auction has ended. What was said stays here to be read." />;
  if (isAnonymous) {
    return (
      <Button component={Link} to={`/sign-in?next=${encodeURIComponent(pathname)}`} variant="light" fullWidth>
        Sign in to chat
      </Button>
    );
  }
  if (state?.kind === "locked") return <Locked why={state.why} />;
  const ticket = state?.kind === "open" ? state.ticket : undefined;
  if (ticket?.is_muted) return <Locked why={mutedUntil(ticket.muted_until)} />;
  return (
    <>
      {state?.kind === "lost" && (
        <Group gap="xs" role="status" className={classes.note ?? ""} wrap="nowrap">
          <IconPlugConnectedX size={16} aria-hidden />
          <span>{state.why} Connecting again…</span>
        </Group>
      )}
      {!state || state.kind === "connecting" ? (
        <Group gap="xs" className={classes.note ?? ""} role="status"><Loader size={14} /> Joining the chat</Group>
      ) : null}
      <Composer send={chat.send} isOpen={ticket !== undefined} name={ticket?.username} />
    </>
  );
}

function Locked({ why }: { why: string }) {
  return (
    <Alert color="gray" icon={<IconLock size={18} />} p="sm" role="status">
      <Text size="sm">{why}</Text>
    </Alert>
  );
}

function mutedUntil(rfc3339: string | null): string {
  if (rfc3339 === null) return "You cannot write here: you were muted for this auction. You can still bid.";
  return `You are muted until ${timeOf(Date.parse(rfc3339))}. You can still bid.`;
}
