import { Badge, Group, Text } from "@mantine/core";
import type { ReactNode } from "react";
import type { Role } from "../api/types";
import classes from "./Row.module.css";

export function Rows({ label, children }: { label: string; children: ReactNode[] }) {
  return children.length > 0 && <ul className={classes.rows} aria-label={label}>{children}</ul>;
}

export interface RowProps {
  name: string;
  detail: ReactNode;
  roles?: Role[];
  action?: ReactNode;
}

/** One person, program or leak. */
export function Row({ name, detail, roles = [], action }: RowProps) {
  return (
    <li className={classes.row}>
      <div className={classes.text}>
        <Text fw={600}><bdi>{name}</bdi></Text>
        <Text size="sm" c="dimmed" component="div">{detail}</Text>
      </div>
      <Group gap={6}>
        {roles.map((role) => <Badge key={role} variant="default">{role}</Badge>)}
      </Group>
      {action}
    </li>
  );
}
