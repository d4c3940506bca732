import { ActionIcon, Popover } from "@mantine/core";
import { IconMoodSmile } from "@tabler/icons-react";
import { type KeyboardEvent, useState } from "react";
import classes from "./ChatColumn.module.css";

/** What is said at auctions, eight in a row. */
const EMOJI: readonly (readonly [string, string])[] = [
  ["👍", "thumbs up"], ["👏", "applause"], ["🙌", "hooray"], ["🙏", "thank you"], ["👋", "hello"], ["🤝", "deal"], ["💪", "strong"], ["🤞", "fingers crossed"],
  ["😀", "smile"], ["😂", "laughing"], ["😍", "in love"], ["😮", "surprised"], ["😢", "sad"], ["😅", "relieved"], ["🤔", "thinking"], ["😎", "cool"],
  ["❤️", "heart"], ["🔥", "fire"], ["🎉", "party"], ["✨", "sparkles"], ["⭐", "star"], ["🏆", "trophy"], ["🔨", "hammer"], ["💰", "money"],
  ["⌚", "watch"], ["💎", "gem"], ["🖼️", "picture"], ["🎨", "art"], ["📦", "parcel"], ["⏳", "time is running"], ["❓", "question"], ["✅", "yes"],
];
const COLUMNS = 8;
const STEPS: Record<string, number> = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: COLUMNS, ArrowUp: -COLUMNS };

/** A small choice of emoji; arrows walk, Enter picks, Escape leaves. */
export function EmojiPicker({ onPick, isDisabled }: { onPick: (emoji: string) => void; isDisabled: boolean }) {
  const [isOpen, setIsOpen] = useState(false);
  const [current, setCurrent] = useState(0);
  const walk = (event: KeyboardEvent<HTMLDivElement>) => {
    const step = STEPS[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const next = Math.min(EMOJI.length - 1, Math.max(0, current + step));
    setCurrent(next);
    event.currentTarget.querySelectorAll("button")[next]?.focus();
  };
  return (
    <Popover opened={isOpen} onChange={setIsOpen} position="top-end" trapFocus returnFocus shadow="md" withRoles>
      <Popover.Target>
        <ActionIcon color="gray" aria-label="Emoji" disabled={isDisabled} onClick={() => setIsOpen(!isOpen)}>
          <IconMoodSmile size={20} />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown p="xs">
        <div className={classes.emoji} role="toolbar" aria-label="Emoji" tabIndex={-1} onKeyDown={walk}>
          {EMOJI.map(([emoji, name], index) => (
            <button
              key={emoji} type="button" title={name} aria-label={name} tabIndex={index === current ? 0 : -1}
              {...(index === current ? { "data-autofocus": true } : {})}
              onClick={() => {
                setCurrent(index);
                setIsOpen(false);
                onPick(emoji);
              }}
            >
              {emoji}
            </button>
          ))}
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}
