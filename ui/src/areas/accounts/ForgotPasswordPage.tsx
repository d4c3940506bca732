import { Button, Stack, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation } from "@tanstack/react-query";
import { Link, useLocation } from "react-router";
import { isRecord } from "../../api/error";
import { ApiEcho } from "../../shell/ApiEcho";
import { Empty } from "../../shell/Empty";
import { focusFirst, showErrors } from "../../shell/forms";
import { Page } from "../../shell/Page";
import { AccountPage } from "./AccountPage";
import { FormError } from "./FormError";
import { forgotPassword } from "./operations";
import { checkEmail } from "./rules";
import { useSession } from "./useSession";

/** Has a link sent that sets a new password. */
export default function ForgotPasswordPage() {
  const session = useSession();
  const own = session.status === "signed-in" ? session.account.email : "";
  const form = useForm({
    initialValues: { email: given(useLocation().state) || own },
    validate: { email: checkEmail },
  });
  const send = useMutation({
    mutationFn: ({ email }: { email: string }) => forgotPassword(email.trim()),
    onError: (error) => showErrors(form, error),
  });
  const { email } = form.values;
  const back = own
    ? <Button component={Link} to="/account" variant="default">Back to your account</Button>
    : <Button component={Link} to="/sign-in" variant="default">Back to signing in</Button>;
  if (send.isSuccess) {
    return (
      <Page title="Look into your mailbox" isHeadingHidden width="36rem">
        <Empty title="Look into your mailbox" action={back}>
          If <strong><bdi>{email.trim()}</bdi></strong> has an account, a link to set a new password is on its way. It is good
          for an hour. If nothing comes, look into the spam folder.
        </Empty>
      </Page>
    );
  }
  return (
    <AccountPage
      title="Set a new password"
      lead="For when it is forgotten, or you never had one. We send a link to your address."
      {...(own ? {} : { other: { question: "Remembered it?", answer: "Sign in", to: "/sign-in" } })}
    >
      <form noValidate onSubmit={form.onSubmit((fields) => send.mutate(fields), (errors) => focusFirst(form, errors))}>
        <Stack gap="md">
          <FormError error={send.error} />
          <TextInput label="E-mail" type="email" autoComplete="username" required {...form.getInputProps("email")} />
          <Button type="submit" size="md" loading={send.isPending}>Send me a link</Button>
          <ApiEcho method="POST" path="/api/auth/password/forgot" body={{ email }} />
        </Stack>
      </form>
    </AccountPage>
  );
}

/** The address that the page before passed on. */
function given(state: unknown): string {
  return isRecord(state) && typeof state["email"] === "string" ? state["email"] : "";
}
