import { Link } from "react-router";
import type { Notification } from "../../api/types";
import { dateTime } from "../../shell/format";
import classes from "./NotificationItem.module.css";
import { pagePath } from "./pagePath";
import { useRead } from "./queries";

/** One notification: a link to what it is about, which reads it. */
export function NotificationItem({ notification, onFollow }: { notification: Notification; onFollow?: () => void }) {
  const read = useRead();
  const { id, title, text, href, created_at: createdAt, read_at: readAt } = notification;
  const follow = () => {
    if (readAt === null) read.mutate(id);
    onFollow?.();
  };
  return (
    <article className={classes.item} data-read={readAt === null ? undefined : true} data-testid="notification">
      <span className={classes.dot} aria-hidden />
      <div className={classes.body}>
        <Link to={pagePath(href)} className={classes.title ?? ""} onClick={follow}>
          {readAt === null && <span className="visually-hidden">Unread: </span>}
          <bdi>{title}</bdi>
        </Link>
        <div className={classes.text}><bdi>{text}</bdi></div>
        <time className={classes.time} dateTime={createdAt}>{dateTime(createdAt)}</time>
      </div>
    </article>
  );
}
