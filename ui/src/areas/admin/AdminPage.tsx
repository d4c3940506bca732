import { Button } from "@mantine/core";
import { Link, Navigate, Route, Routes } from "react-router";
import { Empty } from "../../shell/Empty";
import { NotFoundPage } from "../../shell/NotFoundPage";
import { Page } from "../../shell/Page";
import { isAdmin } from "../accounts/roles";
import { useSession } from "../accounts/useSession";
import { Costs } from "./Costs";
import { Doctor } from "./Doctor";
import { Leaks } from "./Leaks";
import { Mails } from "./Mails";
import { People } from "./People";
import { Roles } from "./Roles";
import { ServiceKeys } from "./ServiceKeys";

/** Who may use this installation, what it costs, and whether it is well. For administrators. */
export default function AdminPage() {
  if (!isAdmin(useSession())) {
    return (
      <Page title="Administration" isHeadingHidden>
        <Empty title="This page is for administrators" action={<Button component={Link} to="/now">What is live now</Button>}>
          Ask an administrator of this installation for what you need.
        </Empty>
      </Page>
    );
  }
  return (
    <Routes>
      <Route index element={<Navigate to="people" replace />} />
      <Route path="people" element={<People />} />
      <Route path="roles" element={<Roles />} />
      <Route path="keys" element={<ServiceKeys />} />
      <Route path="costs" element={<Costs />} />
      <Route path="leaks" element={<Leaks />} />
      <Route path="mail" element={<Mails />} />
      <Route path="doctor" element={<Doctor />} />
      <Route path="*" element={<NotFoundPage />} />
    </Routes>
  );
}
