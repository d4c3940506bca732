import { Group, Text } from "@mantine/core";
import { useId } from "react";
import { CopyButton } from "./CopyButton";
import classes from "./CopyField.module.css";

export interface CopyFieldProps {
  label: string;
  /** What the copy button puts on the clipboard. */
  value: string;
  /** What is shown instead, for a value that should not stand on a shared screen. */
  shown?: string;
  isMultiline?: boolean;
  testId?: string;
}

/** A value that people carry elsewhere: shown in full, copied with one press. */
export function CopyField({ label, value, shown = value, isMultiline = false, testId }: CopyFieldProps) {
  const id = useId();
  return (
    <div>
      <Text component="span" id={id} size="sm" fw={600}>{label}</Text>
      <Group gap={4} wrap="nowrap" align="start" className={classes.field}>
        <code aria-labelledby={id} className={isMultiline ? classes.multiline : classes.value} data-testid={testId}>
          {shown}
        </code>
        <CopyButton value={value} label={`Copy ${label.toLowerCase()}`} />
      </Group>
    </div>
  );
}
