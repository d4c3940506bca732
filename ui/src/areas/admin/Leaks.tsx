import { Button, Group, Text } from "@mantine/core";
import { IconCircleCheck, IconRefresh } from "@tabler/icons-react";
import { AdminFrame } from "./AdminFrame";
import { useLeaks } from "./queries";
import { Row, Rows } from "../../shell/Row";

/** What the installation forgot at the video provider, or lost there. */
export function Leaks() {
  const leaks = useLeaks();
  const found = leaks.data?.leaks ?? [];
  return (
    <AdminFrame
      title="Leaks"
      about={
        "Channels at the video provider that no auction owns any more cost money and quota. The janitor finds and " +
        "deletes them by itself; what is listed here waits for its next round. Looking changes nothing."
      }
      action={
        <Button variant="default" leftSection={<IconRefresh size={18} />} loading={leaks.isFetching} onClick={() => void leaks.refetch()}>
          Look again
        </Button>
      }
      error={leaks.error}
      isPending={leaks.isPending}
    >
      {leaks.data && found.length === 0 && (
        <Group gap="xs" wrap="nowrap" role="status">
          <IconCircleCheck size={20} color="var(--accent)" aria-hidden />
          <Text>Nothing leaks: the ledger and the provider agree.</Text>
        </Group>
      )}
      <Rows label="Leaks">
        {found.map((leak) => (
          <Row
            key={leak.resource_id ?? leak.arn ?? leak.owner}
            name={leak.owner}
            detail={
              <>
                <div>{leak.what}</div>
                {leak.arn && <code>{leak.arn}</code>}
                {leak.attempts > 0 && <div>Failed attempts to delete it: {leak.attempts}. {leak.last_error}</div>}
              </>
            }
          />
        ))}
      </Rows>
    </AdminFrame>
  );
}
