import { Alert, Anchor, Button, Paper, PasswordInput, Stack, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { IconAlertCircle } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { Link } from "react-router";
import { sentence } from "../../api/error";
import { ApiEcho } from "../../shell/ApiEcho";
import { focusFirst, showErrors } from "../../shell/forms";
import { Page } from "../../shell/Page";

export interface AccountFields {
  email: string;
  password: string;
  name: string;
}

export interface AccountFormProps {
  title: string;
  lead: string;
  action: string;
  path: string;
  isNew: boolean;
  /** Members of the request beyond the fields. */
  extra?: Record<string, string>;
  submit: (fields: AccountFields) => Promise<void>;
  onDone: () => void;
  other?: { question: string; answer: string; to: string };
}

/** The form behind sign in, registration and first set-up. Errors are the server's own sentences. */
export function AccountForm({ title, lead, action, path, isNew, extra, submit, onDone, other }: AccountFormProps) {
  const form = useForm<AccountFields>({
    initialValues: { email: "", password: "", name: "" },
    validate: {
      email: (email) => (/^\S+@\S+$/.test(email) ? null : "Write an e-mail address, such as ada@example.org"),
      password: (password) => (password ? null : "Write your password"),
      name: (name) => (!isNew || name.trim() ? null : "Write the name that others see"),
    },
  });
  const send = useMutation({
    mutationFn: submit,
    onSuccess: onDone,
    onError: (error) => showErrors(form, error),
  });
  const { email, password, name } = form.values;
  return (
    <Page title={title} lead={lead} width="27rem">
      <Paper withBorder p="xl">
        <form noValidate onSubmit={form.onSubmit((fields) => send.mutate(fields), (errors) => focusFirst(form, errors))}>
          <Stack gap="md">
            {send.error && (
              <Alert role="alert" color="live" icon={<IconAlertCircle />} title={sentence(send.error)} data-testid="form-error" />
            )}
            {isNew && (
              <TextInput label="Name" autoComplete="name" required {...form.getInputProps("name")} />
            )}
            <TextInput
              label="E-mail" type="email" autoComplete="username" required {...form.getInputProps("email")}
            />
            <PasswordInput
              label="Password"
              description={isNew ? "At least 8 characters." : undefined}
              autoComplete={isNew ? "new-password" : "current-password"}
              required
              {...form.getInputProps("password")}
            />
            <Button type="submit" size="md" loading={send.isPending}>{action}</Button>
            <ApiEcho
              method="POST"
              path={path}
              body={{ ...extra, email, password, ...(isNew ? { name } : {}) }}
            />
          </Stack>
        </form>
      </Paper>
      {other && (
        <Text ta="center">
          {other.question} <Anchor component={Link} to={other.to} underline="always">{other.answer}</Anchor>
        </Text>
      )}
    </Page>
  );
}
