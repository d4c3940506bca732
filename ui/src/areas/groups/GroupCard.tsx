import { Text } from "@mantine/core";
import { IconPlaylist } from "@tabler/icons-react";
import { Link } from "react-router";
import type { Group } from "../../api/types";
import { count } from "../../shell/format";
import { Poster } from "../../shell/Poster";
import classes from "./GroupCard.module.css";
import { RequestBadge } from "./RequestBadge";

/** One group in the list. The whole card is one link. */
export function GroupCard({ group }: { group: Group }) {
  return (
    <Link to={`/groups/${group.groupId}`} className={classes.card} data-testid="group-card">
      <div className={classes.picture}>
        <Poster url={group.thumbnailUrl} title={group.name} icon={<IconPlaylist size={44} stroke={1.2} />} />
        <div className={classes.badge}><RequestBadge request={group.channelRequest} /></div>
      </div>
      <div className={classes.text}>
        <Text component="h2" fw={600} lineClamp={2}><bdi>{group.name}</bdi></Text>
        <Text size="sm" c="dimmed" className="figures">
          {count(group.programsCount, "programme")}{group.category && <> · <bdi>{group.category}</bdi></>}
        </Text>
      </div>
    </Link>
  );
}
