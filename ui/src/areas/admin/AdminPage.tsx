import { Button, Stack } from "@mantine/core";
import { Link } from "react-router";
import { Empty } from "../../shell/Empty";
import { Page } from "../../shell/Page";
import { isAdmin } from "../accounts/roles";
import { useSession } from "../accounts/useSession";
import { Leaks } from "./Leaks";
import { Mails } from "./Mails";
import { People } from "./People";
import { ServiceKeys } from "./ServiceKeys";

/** Who may use this installation, and what it forgot at the video provider. For administrators. */
export default function AdminPage() {
  if (!isAdmin(useSession())) {
    return (
      <Page title="People & keys" isHeadingHidden>
        <Empty title="This page is for administrators" action={<Button component={Link} to="/now">What is live now</Button>}>
          Ask an administrator of this installation for what you need.
        </Empty>
      </Page>
    );
  }
  return (
    <Page title="People & keys" lead="Who and which programs may use this installation." width="52rem">
      <Stack gap="xl">
        <People />
        <ServiceKeys />
        <Leaks />
        <Mails />
      </Stack>
    </Page>
  );
}
