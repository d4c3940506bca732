import { Button, PasswordInput, Stack, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { ApiEcho } from "../../shell/ApiEcho";
import { focusFirst, showErrors } from "../../shell/forms";
import { FormError } from "./FormError";
import { checkEmail, checkName } from "./rules";

export interface AccountFields {
  email: string;
  password: string;
  name: string;
}

export interface AccountFormProps {
  action: string;
  path: string;
  isNew: boolean;
  /** Members of the request beyond the fields. */
  extra?: Record<string, string>;
  /** What was typed into another form before. */
  email?: string;
  onEmail?: (email: string) => void;
  submit: (fields: AccountFields) => Promise<void>;
  onDone: () => void;
  /** Below the password. */
  hint?: ReactNode;
}

/** Signing in, registering and first set-up with a password. Errors are the server's own sentences. */
export function AccountForm({ action, path, isNew, extra, email: given = "", onEmail, submit, onDone, hint }: AccountFormProps) {
  const form = useForm<AccountFields>({
    initialValues: { email: given, password: "", name: "" },
    onValuesChange: ({ email }) => onEmail?.(email),
    validate: {
      email: checkEmail,
      password: (password) => (password ? null : "Write your password"),
      name: (name) => (isNew ? checkName(name) : null),
    },
  });
  const send = useMutation({
    mutationFn: submit,
    onSuccess: onDone,
    onError: (error) => showErrors(form, error),
  });
  const { email, password, name } = form.values;
  return (
    <form noValidate onSubmit={form.onSubmit((fields) => send.mutate(fields), (errors) => focusFirst(form, errors))}>
      <Stack gap="md">
        <FormError error={send.error} />
        {isNew && <TextInput label="Name" autoComplete="name" required {...form.getInputProps("name")} />}
        <TextInput label="E-mail" type="email" autoComplete="username" required {...form.getInputProps("email")} />
        <PasswordInput
          label="Password"
          description={isNew ? "At least 8 characters." : undefined}
          autoComplete={isNew ? "new-password" : "current-password"}
          required
          {...form.getInputProps("password")}
        />
        {hint}
        <Button type="submit" size="md" loading={send.isPending}>{action}</Button>
        <ApiEcho method="POST" path={path} body={{ ...extra, email, password, ...(isNew ? { name } : {}) }} />
      </Stack>
    </form>
  );
}
