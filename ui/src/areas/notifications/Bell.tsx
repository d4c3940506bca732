import { ActionIcon, Alert, Button, Indicator, Popover, Text } from "@mantine/core";
import { IconBell } from "@tabler/icons-react";
import { useState } from "react";
import { Link } from "react-router";
import { sentence } from "../../api/error";
import classes from "./Bell.module.css";
import { useOwnNews } from "./live";
import { NotificationItem } from "./NotificationItem";
import { useReadAll, useRecentNotifications } from "./queries";

// Beyond this the number says nothing that "many" does not.
const SHOWN_MAX = 99;

/** The bell in the header: how many notifications are unread, and the newest of them. */
export function Bell({ accountId }: { accountId: string }) {
  const [isOpen, setOpen] = useState(false);
  const recent = useRecentNotifications();
  const arrived = useOwnNews(accountId);
  const unread = recent.data?.unread_count ?? 0;
  return (
    <>
      <Popover opened={isOpen} onChange={setOpen} position="bottom-end" width="min(24rem, calc(100vw - 1rem))"
        trapFocus returnFocus shadow="md" radius="lg" withinPortal>
        <Indicator label={unread > SHOWN_MAX ? `${SHOWN_MAX}+` : unread} disabled={unread === 0} size={18} offset={6}
          color="live" zIndex={1}>
          {/* What opens is said of the button: a plain element must not claim it. */}
          <Popover.Target>
            <ActionIcon aria-label={unread === 0 ? "Notifications" : `Notifications, ${unread} unread`} data-testid="bell"
              onClick={() => setOpen((is) => !is)}>
              <IconBell size={22} stroke={1.6} />
            </ActionIcon>
          </Popover.Target>
        </Indicator>
        <Popover.Dropdown p={4} aria-label="Notifications">
          <Recent recent={recent} onLeave={() => setOpen(false)} />
        </Popover.Dropdown>
      </Popover>
      <span className="visually-hidden" role="status">{arrived !== undefined && `New notification: ${arrived}`}</span>
    </>
  );
}

function Recent({ recent, onLeave }: { recent: ReturnType<typeof useRecentNotifications>; onLeave: () => void }) {
  const readAll = useReadAll();
  const notifications = recent.data?.notifications ?? [];
  return (
    <>
      <div className={classes.head}>
        <Text fw={650}>Notifications</Text>
        {(recent.data?.unread_count ?? 0) > 0 && (
          <Button size="compact-sm" variant="subtle" loading={readAll.isPending} onClick={() => readAll.mutate()}>
            Mark all as read
          </Button>
        )}
      </div>
      {recent.error && <Alert color="live" role="alert" m="xs">{sentence(recent.error)}</Alert>}
      {recent.data && notifications.length === 0 && (
        <div className={classes.nothing}>Nothing yet. When you are outbid, win or sell, you read it here.</div>
      )}
      <ul className={classes.list} aria-label="Newest notifications">
        {notifications.map((notification) => (
          <li key={notification.id}><NotificationItem notification={notification} onFollow={onLeave} /></li>
        ))}
      </ul>
      {notifications.length > 0 && (
        <Link to="/notifications" className={classes.all ?? ""} onClick={onLeave}>All notifications</Link>
      )}
    </>
  );
}
