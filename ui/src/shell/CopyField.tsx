import { ActionIcon, Group, Text, Tooltip } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { useId, useState } from "react";
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

const CONFIRMATION_MS = 2000;

/** A value that people carry elsewhere: shown in full, copied with one press. */
export function CopyField({ label, value, shown = value, isMultiline = false, testId }: CopyFieldProps) {
  const id = useId();
  const [isCopied, setIsCopied] = useState(false);
  const copy = async () => {
    if (!(await toClipboard(value))) return;
    setIsCopied(true);
    setTimeout(() => setIsCopied(false), CONFIRMATION_MS);
  };
  return (
    <div>
      <Text component="span" id={id} size="sm" fw={600}>{label}</Text>
      <Group gap={4} wrap="nowrap" align="start" className={classes.field}>
        <code aria-labelledby={id} className={isMultiline ? classes.multiline : classes.value} data-testid={testId}>
          {shown}
        </code>
        <Tooltip label={isCopied ? "Copied" : "Copy"}>
          <ActionIcon onClick={() => void copy()} aria-label={`Copy ${label.toLowerCase()}`}>
            {isCopied ? <IconCheck size={18} /> : <IconCopy size={18} />}
          </ActionIcon>
        </Tooltip>
      </Group>
      <span role="status" className="visually-hidden">{isCopied && `${label} copied`}</span>
    </div>
  );
}

async function toClipboard(text: string): Promise<boolean> {
  // The clipboard API is missing on plain http from another machine, a common way to reach a local installation.
  const clipboard = (navigator as { clipboard?: Clipboard }).clipboard;
  if (clipboard) {
    return clipboard.writeText(text).then(() => true, () => copyBySelection(text));
  }
  return copyBySelection(text);
}

function copyBySelection(text: string): boolean {
  const area = document.createElement("textarea");
  area.value = text;
  area.style.position = "fixed";
  document.body.append(area);
  area.select();
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- the only way without a secure context
  const isDone = document.execCommand("copy");
  area.remove();
  return isDone;
}
