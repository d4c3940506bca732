import { Checkbox, Stack } from "@mantine/core";
import type { ReactNode } from "react";
import type { Role } from "../../api/types";
import { ROLES } from "./abilities";

export interface RolePickerProps {
  value: Role[];
  onChange: (roles: Role[]) => void;
  error?: ReactNode;
}

export function RolePicker({ value, onChange, error }: RolePickerProps) {
  return (
    <Checkbox.Group label="Roles" value={value} onChange={onChange} error={error}>
      <Stack gap="xs" mt={6}>
        {ROLES.map((role) => (
          <Checkbox key={role.value} value={role.value} label={role.value} description={role.description} />
        ))}
      </Stack>
    </Checkbox.Group>
  );
}
