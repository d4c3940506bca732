import { Alert, Button, Group, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconAlertCircle } from "@tabler/icons-react";
import { sentence } from "../../api/error";
import type { ServiceKey } from "../../api/types";
import { ApiEcho } from "../../shell/ApiEcho";
import { Dialog } from "../../shell/Dialog";
import { useDeleteServiceKey } from "./queries";

/** Shuts a program out, after asking. */
export function DeleteServiceKey({ serviceKey }: { serviceKey: ServiceKey }) {
  const [isOpen, { open, close }] = useDisclosure(false);
  const remove = useDeleteServiceKey();
  return (
    <>
      <Button size="xs" variant="default" aria-label={`Delete ${serviceKey.name}`} onClick={open}>Delete</Button>
      <Dialog title="Delete this key?" isOpen={isOpen} onClose={close} onClosed={remove.reset}>
        <Text>
          “<bdi>{serviceKey.name}</bdi>” is shut out at once. This cannot be undone; a new key can be created.
        </Text>
        {remove.error && <Alert role="alert" color="live" icon={<IconAlertCircle />} title={sentence(remove.error)} />}
        <Group justify="end">
          <Button variant="default" data-autofocus onClick={close}>Keep it</Button>
          <Button color="live" loading={remove.isPending} onClick={() => remove.mutate(serviceKey.id, { onSuccess: close })}>
            Delete for good
          </Button>
        </Group>
        <ApiEcho method="DELETE" path={`/api/service-keys/${serviceKey.id}`} isAuthorised />
      </Dialog>
    </>
  );
}
