import { Alert, Anchor, Button, Paper, Stack, Title } from "@mantine/core";
import { IconAlertCircle } from "@tabler/icons-react";
import { type ReactNode, useId, useState } from "react";
import { Link, useParams } from "react-router";
import { ApiError, sentence } from "../../api/error";
import type { Group } from "../../api/types";
import { Empty } from "../../shell/Empty";
import { count, dateTime } from "../../shell/format";
import { Loading } from "../../shell/Loading";
import { Page } from "../../shell/Page";
import { UnsavedGuard } from "../../shell/UnsavedGuard";
import { useSession } from "../accounts/useSession";
import { ChannelPanel } from "./ChannelPanel";
import { DeleteGroup } from "./DeleteGroup";
import { GroupForm } from "./GroupForm";
import classes from "./GroupPage.module.css";
import { GroupPicture } from "./GroupPicture";
import { Programs } from "./programs/Programs";
import { useGroup } from "./queries";

/** One group: whether it has a channel, what it says about itself, its picture and its programmes. */
export default function GroupPage() {
  const { id = "" } = useParams();
  const session = useSession();
  const group = useGroup(session.status === "signed-in" ? session.account.id : "", id);
  if (group.data) return <Workspace group={group.data} />;
  if (group.isPending) return <Loading label="Loading the group" />;
  const isUnknown = group.error instanceof ApiError && group.error.status === 404;
  return (
    <Page title="Group" isHeadingHidden>
      {isUnknown
        ? (
          <Empty title="You have no such group" action={<Button component={Link} to="/groups">My groups</Button>}>
            It may have been deleted, or it is somebody else’s.
          </Empty>
        )
        : (
          <Alert color="live" icon={<IconAlertCircle />} title={sentence(group.error)} role="alert">
            <Button size="compact-sm" variant="default" onClick={() => void group.refetch()}>Try again</Button>
          </Alert>
        )}
    </Page>
  );
}

function Workspace({ group }: { group: Group }) {
  const [isUnsaved, setIsUnsaved] = useState(false);
  return (
    <Page
      title={group.name}
      lead={<><Anchor component={Link} to="/groups" underline="always">Groups</Anchor> · {count(group.programsCount, "programme")} · changed <time dateTime={group.updatedAt}>{dateTime(group.updatedAt)}</time></>}
    >
      <UnsavedGuard isUnsaved={isUnsaved} />
      <ChannelPanel group={group} />
      <div className={classes.columns}>
        <Part title="About"><GroupForm group={group} onUnsaved={setIsUnsaved} /></Part>
        <Part title="Picture"><GroupPicture group={group} /></Part>
      </div>
      <Programs group={group} />
      <div><DeleteGroup group={group} /></div>
    </Page>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  const id = useId();
  return (
    <Paper withBorder p={{ base: "md", sm: "xl" }} component="section" aria-labelledby={id}>
      <Stack gap="md">
        <Title order={2} id={id}>{title}</Title>
        {children}
      </Stack>
    </Paper>
  );
}
