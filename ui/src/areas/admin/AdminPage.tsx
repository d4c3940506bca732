import { Navigate, Route, Routes } from "react-router";
import { NotFoundPage } from "../../shell/NotFoundPage";
import { RequireAdmin } from "../accounts/RequireAdmin";
import { Costs } from "./Costs";
import { Doctor } from "./Doctor";
import { Leaks } from "./Leaks";
import { Mails } from "./Mails";
import { People } from "./People";
import { Roles } from "./Roles";
import { ServiceKeys } from "./ServiceKeys";

/** Who may use this installation, what it costs, and whether it is well. For administrators. */
export default function AdminPage() {
  return (
    <RequireAdmin title="Administration">
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
    </RequireAdmin>
  );
}
