import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { IconAlertCircle, IconAlertTriangle } from "@tabler/icons-react";
import { useState } from "react";
import { sentence } from "../../api/error";
import type { Account, Role } from "../../api/types";
import { ApiEcho } from "../../shell/ApiEcho";
import { Dialog } from "../../shell/Dialog";
import { useSession } from "../accounts/useSession";
import { useSetRoles } from "./queries";
import { RolePicker } from "./RolePicker";

/** Gives somebody other roles; asks once more before one takes one's own. */
export function ChangeRoles({ user, onClose }: { user: Account | undefined; onClose: () => void }) {
  // While the dialog leaves the screen it still shows whom it was about.
  const [shown, setShown] = useState(user);
  if (user && user !== shown) setShown(user);
  return (
    <Dialog title={`What ${shown?.name ?? ""} may do`} isOpen={user !== undefined} onClose={onClose}>
      {shown && <RolesForm key={shown.id} user={shown} onClose={onClose} />}
    </Dialog>
  );
}

function RolesForm({ user, onClose }: { user: Account; onClose: () => void }) {
  const session = useSession();
  const change = useSetRoles();
  const [roles, setRoles] = useState<Role[]>(user.roles);
  const [isAsking, setIsAsking] = useState(false);
  const isMyself = session.status === "signed-in" && session.account.id === user.id;
  const givesUpAdmin = isMyself && user.roles.includes("admin") && !roles.includes("admin");
  const pick = (next: Role[]) => {
    setRoles(next);
    setIsAsking(false);
  };
  const submit = (event: React.SyntheticEvent) => {
    event.preventDefault();
    if (givesUpAdmin && !isAsking) setIsAsking(true);
    else change.mutate({ id: user.id, roles, isMyself }, { onSuccess: onClose });
  };
  return (
    <form noValidate onSubmit={submit}>
      <Stack gap="md">
        {change.error && <Alert role="alert" color="live" icon={<IconAlertCircle />} title={sentence(change.error)} />}
        <RolePicker value={roles} error={roles.length === 0 && "Choose at least one role"} onChange={pick} />
        {isAsking && (
          <Alert role="alert" color="brass" icon={<IconAlertTriangle />} title="This takes the administrator’s role from yourself">
            You lose these pages at once, and only another administrator can give the role back to you.
          </Alert>
        )}
        <Text size="sm" c="dimmed">It counts within seconds, wherever {isMyself ? "you are" : <bdi>{user.name}</bdi>} signed in.</Text>
        <Group justify="end">
          <Button variant="default" onClick={onClose}>Cancel</Button>
          <Button
            type="submit" loading={change.isPending} disabled={roles.length === 0} {...(isAsking ? { color: "live" } : {})}
          >
            {isAsking ? "Give up the role" : "Save"}
          </Button>
        </Group>
        <ApiEcho method="POST" path={`/api/users/${user.id}/roles`} body={{ roles }} isAuthorised />
      </Stack>
    </form>
  );
}
