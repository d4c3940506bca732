import { Navigate, useNavigate, useSearchParams } from "react-router";
import { AccountForm } from "./AccountForm";
import { nextPage } from "./nextPage";
import { signIn } from "./operations";
import { useSession } from "./useSession";

export function SignInPage() {
  const [search] = useSearchParams();
  const navigate = useNavigate();
  const next = nextPage(search);
  if (useSession().status === "signed-in") return <Navigate to={next} replace />;
  return (
    <AccountForm
      title="Sign in"
      lead="To sell, and to see your own auctions. Watching needs no account."
      action="Sign in"
      path="/api/auth/login"
      isNew={false}
      submit={({ email, password }) => signIn({ email, password })}
      onDone={() => void navigate(next, { replace: true })}
      other={{ question: "New here?", answer: "Create an account", to: `/register?${search.toString()}` }}
    />
  );
}
