import { Alert, Button, List, Skeleton } from "@mantine/core";
import { IconAlertCircle } from "@tabler/icons-react";
import { sentence } from "../../api/error";
import { Empty } from "../../shell/Empty";
import { Page } from "../../shell/Page";
import { useSession } from "../accounts/useSession";
import { CreateGroup } from "./CreateGroup";
import { GroupCard } from "./GroupCard";
import classes from "./GroupCard.module.css";
import { useGroups } from "./queries";

const PLACEHOLDERS = 3;

/** The reader's groups of programmes: what there is, and which of them have a channel. */
export default function GroupsPage() {
  const session = useSession();
  const userId = session.status === "signed-in" ? session.account.id : "";
  const list = useGroups(userId);
  const groups = list.data?.groups ?? [];
  return (
    <Page
      title="Groups" lead="Programmes that belong together. A channel is asked for by group."
      actions={groups.length > 0 && <CreateGroup userId={userId} />}
    >
      {list.error && (
        <Alert color="live" icon={<IconAlertCircle />} title={sentence(list.error)} role="alert">
          <Button size="compact-sm" variant="default" onClick={() => void list.refetch()}>Try again</Button>
        </Alert>
      )}
      {list.isPending && (
        <div className={classes.grid} role="status" aria-label="Loading groups">
          {Array.from({ length: PLACEHOLDERS }, (_, index) => <Skeleton key={index} h={240} radius="lg" />)}
        </div>
      )}
      {list.data && groups.length === 0 && (
        <Empty title="No group yet" action={<CreateGroup userId={userId} label="Create a group" />}>
          <List type="ordered" ta="start" spacing="xs" withPadding>
            <List.Item>Create a group and put the programmes into it that belong together.</List.Item>
            <List.Item>Ask for a channel for it, with a name and a word to whoever decides.</List.Item>
            <List.Item>Once an administrator approves, the channel is yours: its address stays the same for every broadcast.</List.Item>
          </List>
        </Empty>
      )}
      {groups.length > 0 && (
        <ul className={classes.grid} aria-label="Groups">
          {groups.map((group) => <li key={group.groupId}><GroupCard group={group} /></li>)}
        </ul>
      )}
    </Page>
  );
}
