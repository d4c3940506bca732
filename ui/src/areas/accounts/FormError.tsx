import { Alert } from "@mantine/core";
import { IconAlertCircle } from "@tabler/icons-react";
import { sentence } from "../../api/error";

/** Why the server refused a form, in its own sentence. */
export function FormError({ error }: { error: Error | null }) {
  return error && (
    <Alert role="alert" color="live" icon={<IconAlertCircle />} title={sentence(error)} data-testid="form-error" />
  );
}
