import { Alert, Button, Group, PasswordInput, Stack, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { IconAlertCircle, IconUserPlus } from "@tabler/icons-react";
import { useState } from "react";
import { useSearchParams } from "react-router";
import { sentence } from "../../api/error";
import type { Account, NewUser } from "../../api/types";
import { ApiEcho } from "../../shell/ApiEcho";
import { Dialog } from "../../shell/Dialog";
import { focusFirst, showErrors } from "../../shell/forms";
import { SearchField } from "../../shell/SearchField";
import { shownEmail } from "../accounts/oidc";
import { AdminFrame } from "./AdminFrame";
import { ChangeRoles } from "./ChangeRoles";
import { PAGE_SIZE, useAddPerson, usePeople } from "./queries";
import { RolePicker } from "./RolePicker";
import { Row, Rows } from "../../shell/Row";

/** Accounts, newest first: found by name or address, added, and given roles. */
export function People() {
  const [query, setQuery] = useSearchParams();
  const [isAdding, setIsAdding] = useState(false);
  const [changing, setChanging] = useState<Account>();
  const text = query.get("q") ?? "";
  const page = Math.max(1, Number(query.get("page")) || 1);
  const people = usePeople(text, (page - 1) * PAGE_SIZE);
  const users = people.data?.users ?? [];
  const go = (q: string, page: number) =>
    setQuery({ ...(q.trim() ? { q } : {}), ...(page > 1 ? { page: String(page) } : {}) }, { replace: true });
  return (
    <AdminFrame
      title="People"
      about="Everybody with an account here, newest first."
      action={<Button leftSection={<IconUserPlus size={18} />} onClick={() => setIsAdding(true)}>Add a person</Button>}
      error={people.error}
      isPending={people.isPending}
    >
      <Group role="search"><SearchField label="Search names and e-mail addresses" value={text} onChange={(q) => go(q, 1)} /></Group>
      <Rows label="People">
        {users.map((user) => (
          <Row
            key={user.id} name={user.name} detail={shownEmail(user.email)} roles={user.roles}
            action={
              <Button size="xs" variant="default" aria-label={`Change roles of ${user.name}`} onClick={() => setChanging(user)}>
                Change roles
              </Button>
            }
          />
        ))}
      </Rows>
      {users.length === 0 && people.data && (
        <Text c="dimmed" role="status">{text ? `Nobody’s name or address has “${text}” in it.` : "Nobody further."}</Text>
      )}
      {(page > 1 || users.length === PAGE_SIZE) && (
        <Group justify="space-between">
          <Button variant="default" size="xs" disabled={page === 1} onClick={() => go(text, page - 1)}>Newer</Button>
          <Text size="sm" c="dimmed" role="status">{(page - 1) * PAGE_SIZE + 1} to {(page - 1) * PAGE_SIZE + users.length}</Text>
          <Button variant="default" size="xs" disabled={users.length < PAGE_SIZE} onClick={() => go(text, page + 1)}>Older</Button>
        </Group>
      )}
      <Dialog title="Add a person" isOpen={isAdding} onClose={() => setIsAdding(false)}>
        <AddPerson onClose={() => setIsAdding(false)} />
      </Dialog>
      <ChangeRoles user={changing} onClose={() => setChanging(undefined)} />
    </AdminFrame>
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
