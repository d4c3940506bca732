import { Button, Stack, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { ApiEcho } from "../../shell/ApiEcho";
import { focusFirst, showErrors } from "../../shell/forms";
import { EnterCode } from "./EnterCode";
import { FormError } from "./FormError";
import { type Attempt, requestCode } from "./operations";
import { checkEmail, checkName } from "./rules";

export interface CodeFormProps {
  isNew: boolean;
  /** What was typed into another form before. */
  email: string;
  onEmail: (email: string) => void;
  onDone: () => void;
}

/** Signing in or registering with a code: first the address, then the code that was sent to it. */
export function CodeForm({ isNew, email: given, onEmail, onDone }: CodeFormProps) {
  const [attempt, setAttempt] = useState<Attempt>();
  const form = useForm({
    initialValues: { email: given, name: "" },
    onValuesChange: ({ email }) => onEmail(email),
    validate: { email: checkEmail, name: (name) => (isNew ? checkName(name) : null) },
  });
  const send = useMutation({
    mutationFn: ({ email, name }: { email: string; name: string }) =>
      requestCode({ email: email.trim(), isSignup: isNew, ...(isNew ? { name: name.trim() } : {}) }),
    onSuccess: setAttempt,
    onError: (error) => showErrors(form, error),
  });
  if (attempt) return <EnterCode attempt={attempt} onDone={onDone} onBack={() => setAttempt(undefined)} />;
  const { email, name } = form.values;
  return (
    <form noValidate onSubmit={form.onSubmit((fields) => send.mutate(fields), (errors) => focusFirst(form, errors))}>
      <Stack gap="md">
        <FormError error={send.error} />
        {isNew && <TextInput label="Name" autoComplete="name" required {...form.getInputProps("name")} />}
        <TextInput
          label="E-mail" description="We send a code of six digits to it." type="email" autoComplete="username" required
          {...form.getInputProps("email")}
        />
        <Button type="submit" size="md" loading={send.isPending}>Send me a code</Button>
        <ApiEcho method="POST" path="/api/auth/initiate" body={{ email, isSignup: isNew, ...(isNew ? { name } : {}) }} />
      </Stack>
    </form>
  );
}
