import { Navigate, useNavigate, useSearchParams } from "react-router";
import { AccountForm } from "./AccountForm";
import { nextPage } from "./nextPage";
import { register } from "./operations";
import { useSession } from "./useSession";

export function RegisterPage() {
  const [search] = useSearchParams();
  const navigate = useNavigate();
  const next = nextPage(search);
  if (useSession().status === "signed-in") return <Navigate to={next} replace />;
  return (
    <AccountForm
      title="Create an account"
      lead="It lets you sell by live video. Watching needs none."
      action="Create account"
      path="/api/auth/register"
      isNew
      submit={register}
      onDone={() => void navigate(next, { replace: true })}
      other={{ question: "Already have one?", answer: "Sign in", to: `/sign-in?${search.toString()}` }}
    />
  );
}
