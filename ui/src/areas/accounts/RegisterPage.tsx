import { useState } from "react";
import { Navigate, useNavigate, useSearchParams } from "react-router";
import { Loading } from "../../shell/Loading";
import { AccountForm } from "./AccountForm";
import { AccountPage } from "./AccountPage";
import { CodeForm } from "./CodeForm";
import { nextPage } from "./nextPage";
import { register } from "./operations";
import { useMethods, useWay } from "./signInWays";
import { useSession } from "./useSession";
import { WayPicker } from "./WayPicker";

export function RegisterPage() {
  const [search] = useSearchParams();
  const navigate = useNavigate();
  const [email, setEmail] = useState("");
  const methods = useMethods();
  const hasCodes = methods.data?.email_code === true;
  const [way, setWay] = useWay(hasCodes);
  const next = nextPage(search);
  const done = () => void navigate(next, { replace: true });
  if (useSession().status === "signed-in") return <Navigate to={next} replace />;
  if (methods.isPending) return <Loading label="Asking how to register" />;
  return (
    <AccountPage
      title="Create an account"
      lead="It lets you bid, and sell by live video. Watching needs none."
      other={{ question: "Already have one?", answer: "Sign in", to: `/sign-in?${search.toString()}` }}
    >
      {hasCodes && <WayPicker way={way} onChange={setWay} />}
      {way === "code" ? (
        <CodeForm isNew email={email} onEmail={setEmail} onDone={done} />
      ) : (
        <AccountForm
          action="Create account" path="/api/auth/register" isNew email={email} onEmail={setEmail} submit={register}
          onDone={done}
        />
      )}
    </AccountPage>
  );
}
