import "@fontsource-variable/fraunces/index.css";
import "@fontsource-variable/inter/index.css";
import "./shell/mantine.css";
import "@mantine/notifications/styles.css";
import { MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { createBrowserRouter } from "react-router";
import { RouterProvider } from "react-router/dom";
import { ApiError } from "./api/error";
import { isServerLost, subscribeReachability } from "./api/reachability";
import { currentSession, followOtherTabs, type Session, startSession, subscribe } from "./api/session";
import { App } from "./shell/App";
import "./shell/global.css";
import { theme, variables } from "./shell/theme";

const RETRIES_MAX = 2;

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      // The server's word on a request does not change by repeating it; a lost connection does.
      retry: (failures, error) =>
        failures < RETRIES_MAX && !(error instanceof ApiError && error.status < 500),
    },
  },
});

// Questions that found no server are asked again as soon as it is back.
subscribeReachability(() => {
  if (isServerLost()) return;
  void queries.refetchQueries({ type: "active", predicate: ({ state }) => state.status === "error" });
});

// What one account was shown, a stream key above all, is not kept for the next one.
let account = accountOf(currentSession());
subscribe(() => {
  const next = accountOf(currentSession());
  if (account !== undefined && next !== account) {
    // Once the pages that need an account have left: what they ask for would now be refused.
    setTimeout(() => {
      queries.removeQueries({ type: "inactive" });
      void queries.resetQueries();
    });
  }
  account = next;
});

/** Undefined while nobody knows; an anonymous reader is an account of their own here. */
function accountOf(session: Session): string | undefined {
  if (session.status === "signed-in") return session.account.id;
  return session.status === "anonymous" ? "" : undefined;
}

// A router with a state of its own, because only such a one can hold somebody back from leaving what is not saved.
const router = createBrowserRouter([{ path: "*", element: <App /> }], { basename: "/ui" });

const root = document.getElementById("root");
if (root) {
  // Without a server the page still opens, as an anonymous reader's.
  startSession().catch(() => undefined);
  followOtherTabs();
  createRoot(root).render(
    <StrictMode>
      <MantineProvider theme={theme} cssVariablesResolver={variables} defaultColorScheme="auto">
        <QueryClientProvider client={queries}>
          <Notifications position="top-right" />
          <RouterProvider router={router} />
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>,
  );
}
