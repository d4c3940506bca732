import { Alert, Button, Group, Paper } from "@mantine/core";
import { IconAlertCircle } from "@tabler/icons-react";
import { useState } from "react";
import { Link } from "react-router";
import { sentence } from "../../api/error";
import { Empty } from "../../shell/Empty";
import { Loading } from "../../shell/Loading";
import { Page } from "../../shell/Page";
import { NotificationItem } from "./NotificationItem";
import classes from "./NotificationsPage.module.css";
import { PAGE_SIZE, useNotifications, useReadAll } from "./queries";

/** Everything the account was told in the last ninety days. */
export default function NotificationsPage() {
  const [offset, setOffset] = useState(0);
  const list = useNotifications(PAGE_SIZE, offset);
  const readAll = useReadAll();
  const notifications = list.data?.notifications ?? [];
  const isMore = notifications.length === PAGE_SIZE;
  return (
    <Page
      title="Notifications"
      width="46rem"
      actions={(list.data?.unread_count ?? 0) > 0 && (
        <Button variant="default" loading={readAll.isPending} onClick={() => readAll.mutate()}>Mark all as read</Button>
      )}
    >
      {list.error && (
        <Alert color="live" icon={<IconAlertCircle />} title={sentence(list.error)} role="alert">
          <Button size="compact-sm" variant="default" onClick={() => void list.refetch()}>Try again</Button>
        </Alert>
      )}
      {list.isPending && <Loading label="Loading notifications" />}
      {list.data && notifications.length === 0 && (
        <Empty title="Nothing to tell you yet" action={<Button component={Link} to="/auctions">See the auctions</Button>}>
          When you are outbid, when you win, and when your own auctions end, you read it here.
        </Empty>
      )}
      {notifications.length > 0 && (
        <Paper withBorder>
          <ul className={classes.list} aria-label="Notifications">
            {notifications.map((notification) => (
              <li key={notification.id}><NotificationItem notification={notification} /></li>
            ))}
          </ul>
        </Paper>
      )}
      {(offset > 0 || isMore) && (
        <Group justify="center">
          <Button variant="default" disabled={offset === 0} onClick={() => setOffset(Math.max(0, offset - PAGE_SIZE))}>Newer</Button>
          <Button variant="default" disabled={!isMore} onClick={() => setOffset(offset + PAGE_SIZE)}>Older</Button>
        </Group>
      )}
    </Page>
  );
}
