import { Button, Group, PasswordInput, Stack, Text } from "@mantine/core";
import { useForm } from "@mantine/form";
import { notifications } from "@mantine/notifications";
import { useMutation } from "@tanstack/react-query";
import { Link } from "react-router";
import { ApiEcho } from "../../shell/ApiEcho";
import { focusFirst, showErrors } from "../../shell/forms";
import { Section } from "../../shell/Section";
import { FormError } from "./FormError";
import { changePassword } from "./operations";
import { useForgetSessions, useMe } from "./queries";
import { checkNewPassword } from "./rules";
import { useMethods } from "./signInWays";

/** Changes the password; for an account without one, the way to get one. */
export function PasswordSection() {
  const me = useMe();
  return (
    <Section
      title="Password" about="A new one signs you out on every other device." error={null} isPending={me.isPending}
    >
      {me.data && (me.data.has_password ? <ChangePassword email={me.data.email} /> : <NoPassword />)}
    </Section>
  );
}

function NoPassword() {
  const hasMail = useMethods().data?.email_code === true;
  return (
    <Group justify="space-between" gap="md">
      <Text style={{ flex: "1 1 16rem" }}>
        {hasMail
          ? "Your account has no password: you sign in by e-mail. You can set one as well."
          : "Your account has no password, and this server sends no e-mail by which to set one."}
      </Text>
      {hasMail && <Button component={Link} to="/forgot-password" variant="default">Set a password</Button>}
    </Group>
  );
}

function ChangePassword({ email }: { email: string }) {
  const forgetSessions = useForgetSessions();
  const form = useForm({
    initialValues: { current_password: "", new_password: "" },
    validate: {
      current_password: (password) => (password ? null : "Write your password until now"),
      new_password: checkNewPassword,
    },
  });
  const change = useMutation({
    mutationFn: changePassword,
    onSuccess: () => {
      form.reset();
      forgetSessions();
      notifications.show({ message: "Your password was changed; all other devices are signed out" });
    },
    onError: (error) => showErrors(form, error),
  });
  return (
    <form noValidate onSubmit={form.onSubmit((fields) => change.mutate(fields), (errors) => focusFirst(form, errors))}>
      <Stack gap="md">
        <FormError error={change.error} />
        {/* For password managers: whose password this is. */}
        <input type="email" autoComplete="username" value={email} readOnly hidden />
        <PasswordInput
          label="Current password" autoComplete="current-password" required {...form.getInputProps("current_password")}
        />
        <PasswordInput
          label="New password" description="At least 8 characters." autoComplete="new-password" required
          {...form.getInputProps("new_password")}
        />
        <Group justify="end">
          <Button type="submit" loading={change.isPending}>Change the password</Button>
        </Group>
        <ApiEcho
          method="POST" path="/api/auth/password/change" isAuthorised body={{ current_password: "…", new_password: "…" }}
        />
      </Stack>
    </form>
  );
}
