import { Alert, Button, Group, PasswordInput, Stack, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { IconAlertCircle, IconUserPlus } from "@tabler/icons-react";
import { useState } from "react";
import { sentence } from "../../api/error";
import { shownEmail } from "../accounts/oidc";
import type { NewUser } from "../../api/types";
import { ApiEcho } from "../../shell/ApiEcho";
import { Dialog } from "../../shell/Dialog";
import { focusFirst, showErrors } from "../../shell/forms";
import { PAGE_SIZE, useAddPerson, usePeople } from "./queries";
import { RolePicker } from "./RolePicker";
import { Row, Rows } from "./Row";
import { Section } from "./Section";

/** Accounts, newest first, and a way to add one. */
export function People() {
  const [offset, setOffset] = useState(0);
  const [isAdding, setIsAdding] = useState(false);
  const people = usePeople(offset);
  const users = people.data?.users ?? [];
  return (
    <Section
      title="People"
      about="Accounts of this installation, newest first."
      action={<Button leftSection={<IconUserPlus size={18} />} onClick={() => setIsAdding(true)}>Add a person</Button>}
      error={people.error}
      isPending={people.isPending}
    >
      <Rows label="People">
        {users.map(({ id, name, email, roles }) => <Row key={id} name={name} detail={shownEmail(email)} roles={roles} />)}
      </Rows>
      {users.length === 0 && people.data && <Text c="dimmed">Nobody further.</Text>}
      {(offset > 0 || users.length === PAGE_SIZE) && (
        <Group justify="space-between">
          <Button variant="default" size="xs" disabled={offset === 0} onClick={() => setOffset(offset - PAGE_SIZE)}>Newer</Button>
          <Text size="sm" c="dimmed" role="status">{offset + 1} to {offset + users.length}</Text>
          <Button variant="default" size="xs" disabled={users.length < PAGE_SIZE} onClick={() => setOffset(offset + PAGE_SIZE)}>Older</Button>
        </Group>
      )}
      <Dialog title="Add a person" isOpen={isAdding} onClose={() => setIsAdding(false)}>
        <AddPerson onClose={() => setIsAdding(false)} />
      </Dialog>
    </Section>
  );
}

function AddPerson({ onClose }: { onClose: () => void }) {
  const add = useAddPerson();
  const form = useForm<NewUser>({
    initialValues: { name: "", email: "", password: "", roles: ["member"] },
    validate: {
      name: (name) => (name.trim() ? null : "Write the name that others see"),
      email: (email) => (/^\S+@\S+$/.test(email) ? null : "Write an e-mail address, such as ada@example.org"),
      password: (password) => (password ? null : "Write a first password"),
      roles: (roles) => (roles.length > 0 ? null : "Choose at least one role"),
    },
  });
  const submit = (body: NewUser) =>
    add.mutate(body, { onSuccess: onClose, onError: (error) => showErrors(form, error) });
  return (
    <form noValidate onSubmit={form.onSubmit(submit, (errors) => focusFirst(form, errors))}>
      <Stack gap="md">
        {add.error && <Alert role="alert" color="live" icon={<IconAlertCircle />} title={sentence(add.error)} />}
        <TextInput label="Name" required data-autofocus autoComplete="off" {...form.getInputProps("name")} />
        <TextInput label="E-mail" type="email" required autoComplete="off" {...form.getInputProps("email")} />
        <PasswordInput
          label="Password" required autoComplete="new-password"
          description="At least 8 characters. Hand it over in person." {...form.getInputProps("password")}
        />
        <RolePicker value={form.values.roles} error={form.errors["roles"]} onChange={(roles) => form.setFieldValue("roles", roles)} />
        <Group justify="end">
          <Button variant="default" onClick={onClose}>Cancel</Button>
          <Button type="submit" loading={add.isPending}>Add</Button>
        </Group>
        <ApiEcho method="POST" path="/api/users" body={form.values} isAuthorised />
      </Stack>
    </form>
  );
}
