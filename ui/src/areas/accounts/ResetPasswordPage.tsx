import { Button, PasswordInput, Stack } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { Link, useLocation, useNavigate } from "react-router";
import { ApiError } from "../../api/error";
import { refresh } from "../../api/session";
import { ApiEcho } from "../../shell/ApiEcho";
import { Empty } from "../../shell/Empty";
import { focusFirst, showErrors } from "../../shell/forms";
import { Page } from "../../shell/Page";
import { AccountPage } from "./AccountPage";
import { FormError } from "./FormError";
import { resetPassword } from "./operations";
import { checkNewPassword } from "./rules";
import { rememberWay } from "./signInWays";

/** Sets a password by the link from a mail, whose token stands behind the `#` so that no server's log has it. */
export default function ResetPasswordPage() {
  const { hash } = useLocation();
  const navigate = useNavigate();
  const [token] = useState(() => new URLSearchParams(hash.slice(1)).get("token") ?? "");
  // Nor should the browser's history have it.
  useEffect(() => {
    if (hash) void navigate("/reset-password", { replace: true });
  }, [hash, navigate]);
  const form = useForm({ initialValues: { password: "" }, validate: { password: checkNewPassword } });
  const send = useMutation({
    mutationFn: ({ password }: { password: string }) => resetPassword({ token, password }),
    onSuccess: () => {
      rememberWay("password");
      // Whoever was signed in here to that account is so no longer.
      refresh().catch(() => undefined);
    },
    onError: (error) => showErrors(form, error),
  });
  if (send.isSuccess) {
    return (
      <Page title="Your password is set" isHeadingHidden width="36rem">
        <Empty title="Your password is set" action={<Button component={Link} to="/sign-in">Sign in</Button>}>
          All devices were signed out. Sign in with the new password.
        </Empty>
      </Page>
    );
  }
  if (!token || (send.error instanceof ApiError && send.error.status === 401)) {
    return (
      <Page title="This link does not work" isHeadingHidden width="36rem">
        <Empty
          title="This link does not work"
          action={<Button component={Link} to="/forgot-password">Ask for a new link</Button>}
        >
          It is good for an hour, once, and only the one that was sent last.
        </Empty>
      </Page>
    );
  }
  return (
    <AccountPage title="Set a new password" lead="It signs you out everywhere; then you sign in with it.">
      <form noValidate onSubmit={form.onSubmit((fields) => send.mutate(fields), (errors) => focusFirst(form, errors))}>
        <Stack gap="md">
          <FormError error={send.error} />
          <PasswordInput
            label="New password" description="At least 8 characters." autoComplete="new-password" required
            {...form.getInputProps("password")}
          />
          <Button type="submit" size="md" loading={send.isPending}>Set the password</Button>
          <ApiEcho method="POST" path="/api/auth/password/reset" body={{ token, password: form.values.password }} />
        </Stack>
      </form>
    </AccountPage>
  );
}
