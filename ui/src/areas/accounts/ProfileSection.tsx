import { Badge, Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { notifications } from "@mantine/notifications";
import type { components } from "../../api/schema";
import { ApiEcho } from "../../shell/ApiEcho";
import { focusFirst, showErrors } from "../../shell/forms";
import { Section } from "../../shell/Section";
import { FormError } from "./FormError";
import { shownEmail } from "./oidc";
import { useMe, useRename } from "./queries";
import { checkName } from "./rules";

/** Address, roles, and the name that others see. */
export function ProfileSection() {
  const me = useMe();
  return (
    <Section
      title="Profile" about="Bidders appear under an alias in the room; sellers by this name." error={me.error} isPending={me.isPending}
    >
      {me.data && <Profile me={me.data} />}
    </Section>
  );
}

function Profile({ me }: { me: components["schemas"]["Me"] }) {
  const rename = useRename();
  const form = useForm({ initialValues: { name: me.name }, validate: { name: checkName } });
  const submit = ({ name }: { name: string }) =>
    rename.mutate(name.trim(), {
      onSuccess: () => {
        form.resetDirty();
        notifications.show({ message: "Your name was changed" });
      },
      onError: (error) => showErrors(form, error),
    });
  return (
    <form noValidate onSubmit={form.onSubmit(submit, (errors) => focusFirst(form, errors))}>
      <Stack gap="md">
        <FormError error={rename.error} />
        <div>
          <Text size="sm" fw={500}>E-mail</Text>
          <Group gap="xs">
            <Text style={{ overflowWrap: "anywhere" }}><bdi>{shownEmail(me.email)}</bdi></Text>
            {me.roles.map((role) => <Badge key={role} variant="default">{role}</Badge>)}
          </Group>
        </div>
        <TextInput label="Name" autoComplete="name" required {...form.getInputProps("name")} />
        <Group justify="end">
          <Button type="submit" disabled={!form.isDirty()} loading={rename.isPending}>Save the name</Button>
        </Group>
        <ApiEcho method="POST" path="/api/auth/me" body={form.values} isAuthorised />
      </Stack>
    </form>
  );
}
