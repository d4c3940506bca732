import { ActionIcon, Text, Textarea } from "@mantine/core";
import { IconSend2 } from "@tabler/icons-react";
import { useRef, useState } from "react";
import classes from "./ChatColumn.module.css";
import type { Sent } from "./connection";
import { EmojiPicker } from "./EmojiPicker";
import { COUNT_FROM, lengthOf, MESSAGE_CHARS_MAX } from "./lines";

interface Props {
  send: (content: string) => Promise<Sent>;
  isOpen: boolean;
  name: string | undefined;
}

const TROUBLE: Record<Exclude<Sent, "sent">, string> = {
  "too-fast": "Many people are talking at once. Wait a second and send it again.",
  "too-long": `A message has at most ${MESSAGE_CHARS_MAX} characters.`,
  "not-allowed": "You cannot write here at the moment.",
  failed: "It was not sent. Try again when the chat is connected.",
};

/** Where one writes: Enter sends, Shift and Enter begin a line. What was not sent stays to be sent again. */
export function Composer({ send, isOpen, name }: Props) {
  const [text, setText] = useState("");
  const [trouble, setTrouble] = useState<string>();
  const [isSending, setIsSending] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  const length = lengthOf(text);
  const isSendable = isOpen && !isSending && text.trim() !== "" && length <= MESSAGE_CHARS_MAX;

  const submit = async () => {
    if (!isSendable) return;
    setIsSending(true);
    const sent = await send(text.trim());
    setIsSending(false);
    setTrouble(sent === "sent" ? undefined : TROUBLE[sent]);
    if (sent === "sent") setText("");
    field.current?.focus();
  };
  const insert = (emoji: string) => {
    const at = field.current?.selectionStart ?? text.length;
    setText(text.slice(0, at) + emoji + text.slice(field.current?.selectionEnd ?? at));
    requestAnimationFrame(() => {
      field.current?.focus();
      field.current?.setSelectionRange(at + emoji.length, at + emoji.length);
    });
  };
  return (
    <form
      className={classes.composer}
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <Textarea
        ref={field} className={classes.field ?? ""} aria-label="Message" placeholder={name === undefined ? "Message" : `Write as ${name}`}
        autosize minRows={1} maxRows={4} value={text} dir="auto"
        onChange={(event) => {
          setText(event.currentTarget.value);
          setTrouble(undefined);
        }}
        onKeyDown={(event) => {
          // Enter also ends the composing of a character; that is not sending.
          if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
          event.preventDefault();
          void submit();
        }}
      />
      <EmojiPicker onPick={insert} isDisabled={!isOpen} />
      <ActionIcon type="submit" variant="filled" aria-label="Send" disabled={!isSendable} loading={isSending}>
        <IconSend2 size={18} />
      </ActionIcon>
      <div className={classes.hint} role="status">
        {trouble !== undefined && <Text size="xs" c="live">{trouble}</Text>}
        {length >= COUNT_FROM && (
          <Text size="xs" c={length > MESSAGE_CHARS_MAX ? "live" : "dimmed"} ta="end">{length} of {MESSAGE_CHARS_MAX}</Text>
        )}
      </div>
    </form>
  );
}
