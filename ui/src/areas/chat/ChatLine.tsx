import { Badge } from "@mantine/core";
import { memo } from "react";
import type { ChatMessage } from "../../api/types";
import classes from "./ChatColumn.module.css";
import { LineMenu } from "./LineMenu";
import { hueOf, timeOf } from "./lines";

interface Props {
  auctionId: string;
  line: ChatMessage;
  isYou: boolean;
  isModerator: boolean;
  isEnded: boolean;
  onDeleted: (messageId: string) => void;
}

/** One message. Its text is text: nothing in it becomes a link or a tag. */
export const ChatLine = memo(function ChatLine({ auctionId, line, isYou, isModerator, isEnded, onDeleted }: Props) {
  const at = new Date(line.timestamp);
  return (
    <div className={classes.line} data-host={line.is_host || undefined} data-you={isYou || undefined} data-testid="chat-line">
      <div className={classes.by}>
        <bdi className={classes.name} style={{ ["--hue" as string]: hueOf(line.user_id) }}>{line.username}</bdi>
        {line.is_host && <Badge size="xs" variant="light">Seller</Badge>}
        {isYou && <span className={classes.you}>(You)</span>}
        <time className={classes.time} dateTime={at.toISOString()} title={at.toLocaleString()}>{timeOf(line.timestamp)}</time>
        {isModerator && !line.is_deleted && (
          <LineMenu auctionId={auctionId} line={line} isYou={isYou} isEnded={isEnded} onDeleted={onDeleted} />
        )}
      </div>
      {line.is_deleted
        ? <p className={classes.gone}>Message removed</p>
        : <p className={classes.text} dir="auto">{line.message}</p>}
    </div>
  );
});
