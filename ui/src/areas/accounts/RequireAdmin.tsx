import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import { Link } from "react-router";
import { Empty } from "../../shell/Empty";
import { Page } from "../../shell/Page";
import { isAdmin } from "./roles";
import { useSession } from "./useSession";

/** Shows its page to administrators, and tells everybody else whose it is. */
export function RequireAdmin({ title, children }: { title: string; children: ReactNode }) {
  if (isAdmin(useSession())) return children;
  return (
    <Page title={title} isHeadingHidden>
      <Empty title="This page is for administrators" action={<Button component={Link} to="/now">What is live now</Button>}>
        Ask an administrator of this installation for what you need.
      </Empty>
    </Page>
  );
}
