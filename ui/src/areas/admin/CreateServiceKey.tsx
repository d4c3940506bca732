import { Alert, Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useDisclosure } from "@mantine/hooks";
import { IconAlertCircle, IconKey } from "@tabler/icons-react";
import { sentence } from "../../api/error";
import type { CreatedServiceKey, NewServiceKey } from "../../api/types";
import { ApiEcho } from "../../shell/ApiEcho";
import { CopyField } from "../../shell/CopyField";
import { Dialog } from "../../shell/Dialog";
import { focusFirst, showErrors } from "../../shell/forms";
import { useCreateServiceKey } from "./queries";
import { RolePicker } from "./RolePicker";

/** Asks for a name and roles, then shows the key, once. */
export function CreateServiceKey() {
  const [isOpen, { open, close }] = useDisclosure(false);
  const create = useCreateServiceKey();
  return (
    <>
      <Button leftSection={<IconKey size={18} />} onClick={open}>Create a key</Button>
      <Dialog
        title={create.data ? "Copy the key now" : "Create a key"} isOpen={isOpen} onClose={close} onClosed={create.reset}
        isFirm={create.data !== undefined}
      >
        {create.data ? <NewKey created={create.data} onClose={close} /> : <KeyForm create={create} onClose={close} />}
      </Dialog>
    </>
  );
}

function KeyForm({ create, onClose }: { create: ReturnType<typeof useCreateServiceKey>; onClose: () => void }) {
  const form = useForm<NewServiceKey>({
    initialValues: { name: "", roles: ["host"] },
    validate: {
      name: (name) => (name.trim() ? null : "Say which program it is for"),
      roles: (roles) => (roles.length > 0 ? null : "Choose at least one role"),
    },
  });
  const submit = (body: NewServiceKey) =>
    create.mutate(body, { onError: (error) => showErrors(form, error) });
  return (
    <form noValidate onSubmit={form.onSubmit(submit, (errors) => focusFirst(form, errors))}>
      <Stack gap="md">
        {create.error && <Alert role="alert" color="live" icon={<IconAlertCircle />} title={sentence(create.error)} />}
        <TextInput
          label="Name of the program" required data-autofocus autoComplete="off" placeholder="Stock import"
          {...form.getInputProps("name")}
        />
        <RolePicker value={form.values.roles} error={form.errors["roles"]} onChange={(roles) => form.setFieldValue("roles", roles)} />
        <Group justify="end">
          <Button variant="default" onClick={onClose}>Cancel</Button>
          <Button type="submit" loading={create.isPending}>Create</Button>
        </Group>
        <ApiEcho method="POST" path="/api/service-keys" body={form.values} isAuthorised />
      </Stack>
    </form>
  );
}

function NewKey({ created, onClose }: { created: CreatedServiceKey; onClose: () => void }) {
  return (
    <>
      <Text>
        It is shown this once and kept nowhere in the clear. If “<bdi>{created.name}</bdi>” loses it, delete it and
        create another.
      </Text>
      <CopyField label="Service key" value={created.key} testId="service-key" />
      <Group justify="end">
        <Button onClick={onClose}>I have copied it</Button>
      </Group>
    </>
  );
}
