import { Anchor } from "@mantine/core";
import { useState } from "react";
import { Link, Navigate, useNavigate, useSearchParams } from "react-router";
import { Loading } from "../../shell/Loading";
import { AccountForm } from "./AccountForm";
import { AccountPage } from "./AccountPage";
import { CodeForm } from "./CodeForm";
import { nextPage } from "./nextPage";
import { OidcButton } from "./OidcButton";
import { signIn } from "./operations";
import { useMethods, useWay } from "./signInWays";
import { useSession } from "./useSession";
import { WayPicker } from "./WayPicker";

export function SignInPage() {
  const [search] = useSearchParams();
  const navigate = useNavigate();
  const [email, setEmail] = useState("");
  const methods = useMethods();
  const hasCodes = methods.data?.email_code === true;
  const [way, setWay] = useWay(hasCodes);
  const next = nextPage(search);
  const done = () => void navigate(next, { replace: true });
  if (useSession().status === "signed-in") return <Navigate to={next} replace />;
  if (methods.isPending) return <Loading label="Asking how to sign in" />;
  return (
    <AccountPage
      title="Sign in"
      lead="To bid, to sell, and to see your own auctions. Watching needs no account."
      other={{ question: "New here?", answer: "Create an account", to: `/register?${search.toString()}` }}
    >
      {methods.data?.oidc && <OidcButton name={methods.data.oidc.name} />}
      {hasCodes && <WayPicker way={way} onChange={setWay} />}
      {way === "code" ? (
        <CodeForm isNew={false} email={email} onEmail={setEmail} onDone={done} />
      ) : (
        <AccountForm
          action="Sign in"
          path="/api/auth/login"
          isNew={false}
          email={email}
          onEmail={setEmail}
          submit={({ email, password }) => signIn({ email, password })}
          onDone={done}
          hint={hasCodes && (
            <Anchor component={Link} to="/forgot-password" state={{ email }} size="sm" underline="always">
              Forgot your password?
            </Anchor>
          )}
        />
      )}
    </AccountPage>
  );
}
