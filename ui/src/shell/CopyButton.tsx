import { ActionIcon, Tooltip } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { useState } from "react";

const CONFIRMATION_MS = 2000;

/** Puts `value` on the clipboard and says so. */
export function CopyButton({ value, label }: { value: string; label: string }) {
  const [isCopied, setIsCopied] = useState(false);
  const copy = async () => {
    if (!(await toClipboard(value))) return;
    setIsCopied(true);
    setTimeout(() => setIsCopied(false), CONFIRMATION_MS);
  };
  return (
    <>
      <Tooltip label={isCopied ? "Copied" : label}>
        <ActionIcon onClick={() => void copy()} aria-label={label}>
          {isCopied ? <IconCheck size={18} /> : <IconCopy size={18} />}
        </ActionIcon>
      </Tooltip>
      <span role="status" className="visually-hidden">{isCopied && "Copied"}</span>
    </>
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
