import { Alert, Button, Group as Line, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconAlertCircle, IconTrash } from "@tabler/icons-react";
import { useNavigate } from "react-router";
import { sentence } from "../../api/error";
import type { Group } from "../../api/types";
import { ApiEcho } from "../../shell/ApiEcho";
import { Dialog } from "../../shell/Dialog";
import { count } from "../../shell/format";
import { useDeleteGroup } from "./queries";

/** Removes the group, after asking. */
export function DeleteGroup({ group }: { group: Group }) {
  const [isOpen, { open, close }] = useDisclosure(false);
  const navigate = useNavigate();
  const remove = useDeleteGroup(group);
  return (
    <>
      <Button variant="subtle" color="gray" leftSection={<IconTrash size={18} aria-hidden />} onClick={open}>Delete group</Button>
      <Dialog title="Delete this group?" isOpen={isOpen} onClose={close} onClosed={remove.reset}>
        <Text>
          “<bdi>{group.name}</bdi>” and its picture go for good.
          {group.programsCount > 0 && ` Its ${count(group.programsCount, "programme")} stay, in no group.`}
        </Text>
        {remove.error && <Alert role="alert" color="live" icon={<IconAlertCircle />} title={sentence(remove.error)} />}
        <Line justify="end">
          <Button variant="default" data-autofocus onClick={close}>Keep it</Button>
          <Button color="live" loading={remove.isPending} onClick={() => remove.mutate(undefined, { onSuccess: () => void navigate("/groups") })}>
            Delete for good
          </Button>
        </Line>
        <ApiEcho method="DELETE" path={`/users/${group.ownerId}/groups/${group.groupId}`} isAuthorised />
      </Dialog>
    </>
  );
}
