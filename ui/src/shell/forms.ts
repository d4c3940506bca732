import type { FormErrors } from "@mantine/form";
import { fieldErrors } from "../api/error";

interface Form {
  setErrors: (errors: FormErrors) => void;
  getInputNode: (path: string) => HTMLElement | null;
}

/** Puts the cursor into the first field that is wrong. */
export function focusFirst(form: Form, errors: FormErrors): void {
  const path = Object.keys(errors)[0];
  if (path !== undefined) form.getInputNode(path)?.focus();
}

/** Shows what the server refused at the fields it is about. */
export function showErrors(form: Form, error: unknown): void {
  const errors = fieldErrors(error);
  form.setErrors(errors);
  focusFirst(form, errors);
}
