import type { ReactNode } from "react";
import { Navigate, useLocation } from "react-router";
import { Loading } from "../../shell/Loading";
import { useSession } from "./useSession";

/** Shows its page to signed-in accounts and sends everyone else to sign in first, and back. */
export function RequireAccount({ children }: { children: ReactNode }) {
  const session = useSession();
  const { pathname, search } = useLocation();
  if (session.status === "unknown") return <Loading label="Signing in" />;
  if (session.status === "anonymous") {
    return <Navigate to={`/sign-in?next=${encodeURIComponent(pathname + search)}`} replace />;
  }
  return children;
}
