import { Anchor, Table, Text } from "@mantine/core";
import { IconCheck } from "@tabler/icons-react";
import { Link } from "react-router";
import { ABILITIES, type Ability, ROLES } from "./abilities";
import { AdminFrame } from "./AdminFrame";
import classes from "./Roles.module.css";

/** What each role lets people do. */
export function Roles() {
  return (
    <AdminFrame
      title="Roles"
      about={<>An account has one role or several, and may do what any of them allows. You give them under <Anchor component={Link} underline="always" to="/admin/people">People</Anchor>; programs get theirs with their <Anchor component={Link} underline="always" to="/admin/keys">service key</Anchor>.</>}
    >
      <Table.ScrollContainer minWidth={440} scrollAreaProps={{ viewportProps: { tabIndex: 0, role: "region", "aria-label": "What each role may do" } }}>
        <Table verticalSpacing="sm" aria-label="What each role may do">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>May</Table.Th>
              {ROLES.map(({ value, description }) => (
                <Table.Th key={value} className={classes.may ?? ""} title={description} scope="col">{value}</Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {ABILITIES.map((ability) => <AbilityRow key={ability.what} ability={ability} />)}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </AdminFrame>
  );
}

function AbilityRow({ ability: { what, roles, note } }: { ability: Ability }) {
  return (
    <Table.Tr>
      <Table.Th scope="row" fw={400} className={classes.what ?? ""}>
        {what}
        {note && <Text size="sm" c="dimmed">{note}</Text>}
      </Table.Th>
      {ROLES.map(({ value }) => (
        <Table.Td key={value} className={classes.may ?? ""}>
          {roles.includes(value)
            ? <IconCheck size={20} color="var(--accent)" role="img" aria-label="yes" />
            : <span className={classes.no}><span aria-hidden>–</span><span className="visually-hidden">no</span></span>}
        </Table.Td>
      ))}
    </Table.Tr>
  );
}
