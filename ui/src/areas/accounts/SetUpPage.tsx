import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearchParams } from "react-router";
import { api, unwrap } from "../../api/client";
import { Empty } from "../../shell/Empty";
import { Loading } from "../../shell/Loading";
import { Page } from "../../shell/Page";
import { AccountForm } from "./AccountForm";
import { AccountPage } from "./AccountPage";
import { setUp } from "./operations";

/** Makes the first administrator; opened by the one-time link that the server prints. */
export function SetUpPage() {
  const [search] = useSearchParams();
  const navigate = useNavigate();
  const token = search.get("token") ?? "";
  const status = useQuery({ queryKey: ["setup"], queryFn: () => unwrap(api.GET("/api/auth/setup")), gcTime: 0 });
  if (status.isPending) return <Loading label="Asking whether set-up is needed" />;
  if (status.data?.setup_needed === false) {
    return (
      <Page title="Set up" isHeadingHidden>
        <Empty title="Rostrum is set up" action={<Button component={Link} to="/sign-in">Sign in</Button>}>
          There is an administrator already. They can make further accounts.
        </Empty>
      </Page>
    );
  }
  if (!token) {
    return (
      <Page title="Set up" isHeadingHidden>
        <Empty title="Open the link that the server printed">
          On its first start the server prints a one-time link to this page. Start it again to get a new one.
        </Empty>
      </Page>
    );
  }
  return (
    <AccountPage title="Set up Rostrum" lead="Create the first administrator. This link works once.">
      <AccountForm
        action="Create administrator"
        path="/api/auth/setup"
        isNew
        extra={{ token }}
        submit={(fields) => setUp({ ...fields, token })}
        onDone={() => void navigate("/now", { replace: true })}
      />
    </AccountPage>
  );
}
