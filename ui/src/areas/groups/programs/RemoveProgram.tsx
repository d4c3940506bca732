import { Alert, Button, Group as Line, Text } from "@mantine/core";
import { IconAlertCircle } from "@tabler/icons-react";
import { useState } from "react";
import { sentence } from "../../../api/error";
import type { Group, Program } from "../../../api/types";
import { ApiEcho } from "../../../shell/ApiEcho";
import { Dialog } from "../../../shell/Dialog";
import { useRemoveProgram } from "./queries";

/** Removes a programme, after asking. */
export function RemoveProgram({ group, program, onDone }: { group: Group; program: Program | undefined; onDone: () => void }) {
  const remove = useRemoveProgram(group);
  // While the dialog leaves the screen it still shows what it was about.
  const [shown, setShown] = useState(program);
  if (program && program !== shown) setShown(program);
  return (
    <Dialog title="Remove this programme?" isOpen={program !== undefined} onClose={onDone} onClosed={remove.reset}>
      <Text>“<bdi>{shown?.title}</bdi>” is deleted. What its address leads to stays where it is.</Text>
      {remove.error && <Alert role="alert" color="live" icon={<IconAlertCircle />} title={sentence(remove.error)} />}
      <Line justify="end">
        <Button variant="default" data-autofocus onClick={onDone}>Keep it</Button>
        <Button color="live" loading={remove.isPending} onClick={() => program && remove.mutate(program.programId, { onSuccess: onDone })}>
          Remove
        </Button>
      </Line>
      {shown && <ApiEcho method="DELETE" path={`/users/${group.ownerId}/programs/${shown.programId}`} isAuthorised />}
    </Dialog>
  );
}
