import { Button, Text } from "@mantine/core";
import { IconArrowDown } from "@tabler/icons-react";
import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { count } from "../../shell/format";
import classes from "./ChatColumn.module.css";
import { ChatLine } from "./ChatLine";
import type { Chat } from "./useChat";

// So close to the lower edge one is reading the newest.
const NEAR_PX = 48;

/** What was said, newest below. It follows the talk while its reader is at the end, and stays put while not. */
export function ChatLog({ auctionId, chat, isModerator }: { auctionId: string; chat: Chat; isModerator: boolean }) {
  const log = useRef<HTMLDivElement>(null);
  const { lines } = chat;
  const newest = lines.at(-1)?.message_id;
  const oldest = lines[0]?.message_id;
  const isFollowing = useRef(true);
  // The newest line that the reader has seen at the lower edge; undefined while everything is seen.
  const [seen, setSeen] = useState<string>();
  const heightBefore = useRef(0);

  const toEnd = () => {
    const element = log.current;
    if (element) element.scrollTop = element.scrollHeight;
    isFollowing.current = true;
    setSeen(undefined);
  };
  useLayoutEffect(() => {
    if (isFollowing.current && log.current) log.current.scrollTop = log.current.scrollHeight;
  }, [newest]);
  useLayoutEffect(() => {
    // Older lines came in above: what was being read stays where it is.
    const element = log.current;
    if (element && !isFollowing.current) element.scrollTop += element.scrollHeight - heightBefore.current;
  }, [oldest]);
  useEffect(() => {
    heightBefore.current = log.current?.scrollHeight ?? 0;
  });
  const onScroll = () => {
    const element = log.current;
    if (!element) return;
    const isAtEnd = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_PX;
    if (isAtEnd === isFollowing.current) return;
    isFollowing.current = isAtEnd;
    setSeen(isAtEnd ? undefined : newest);
  };

  const unseen = seen === undefined ? 0 : lines.length - 1 - lines.findIndex((line) => line.message_id === seen);
  const userId = chat.state?.kind === "open" ? chat.state.ticket.user_id : undefined;
  return (
    <div className={classes.frame}>
      {/* Scrolled by keyboard too, so it takes the focus. */}
      <div
        ref={log} className={classes.log} role="log" aria-label="Chat messages" aria-live={chat.isLoading ? "off" : "polite"}
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0} onScroll={onScroll}
      >
        {chat.hasEarlier && (
          <Button variant="subtle" size="compact-sm" mx="auto" display="block" loading={chat.isLoading} onClick={chat.loadEarlier}>
            Earlier messages
          </Button>
        )}
        {lines.length === 0 && !chat.isLoading && (
          <Text c="dimmed" size="sm" ta="center" m="auto">
            {chat.isEnded ? "Nobody said anything." : "It is quiet in here. Questions about the lot are welcome."}
          </Text>
        )}
        {lines.map((line) => (
          <ChatLine
            key={line.message_id} auctionId={auctionId} line={line} isYou={line.user_id === userId}
            isModerator={isModerator} isEnded={chat.isEnded} onDeleted={chat.deleted}
          />
        ))}
      </div>
      {unseen > 0 && (
        <Button className={classes.pill ?? ""} size="compact-sm" radius="xl" onClick={toEnd} leftSection={<IconArrowDown size={14} />}>
          {count(unseen, "new message")}
        </Button>
      )}
    </div>
  );
}
