import { Text } from "@mantine/core";
import { dateTime } from "../../shell/format";
import { AdminFrame } from "./AdminFrame";
import { CreateServiceKey } from "./CreateServiceKey";
import { DeleteServiceKey } from "./DeleteServiceKey";
import { useServiceKeys } from "./queries";
import { Row, Rows } from "../../shell/Row";

/** Credentials of programs. */
export function ServiceKeys() {
  const list = useServiceKeys();
  const keys = list.data?.service_keys ?? [];
  return (
    <AdminFrame
      title="Service keys"
      about="A program signs in with a key in place of a person: it sends the key as a bearer token."
      action={<CreateServiceKey />}
      error={list.error}
      isPending={list.isPending}
    >
      {list.data && keys.length === 0 && <Text c="dimmed">No program has a key.</Text>}
      <Rows label="Service keys">
        {keys.map((key) => (
          <Row
            key={key.id} name={key.name} detail={`Created ${dateTime(key.created_at)}`} roles={key.roles}
            action={<DeleteServiceKey serviceKey={key} />}
          />
        ))}
      </Rows>
    </AdminFrame>
  );
}
