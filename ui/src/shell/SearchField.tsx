import { TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useState } from "react";

export interface SearchFieldProps {
  /** What is searched, for screen readers. */
  label: string;
  /** What was asked for last; usually a part of the address. */
  value: string;
  onChange: (text: string) => void;
}

// A word is asked for when the typing rests.
const TYPING_MS = 300;
/** The server's limit. */
const CHARACTERS_MAX = 100;

/** A field that narrows the list below it. */
export function SearchField({ label, value, onChange }: SearchFieldProps) {
  const [typed, setTyped] = useState(value);
  const [known, setKnown] = useState(value);
  const ask = useDebouncedCallback(onChange, TYPING_MS);
  // The address changed by other means, such as "Clear all" or the way back.
  if (known !== value) {
    setKnown(value);
    setTyped(value);
  }
  return (
    <TextInput
      aria-label={label} placeholder="Search" type="search" leftSection={<IconSearch size={16} />} value={typed}
      maxLength={CHARACTERS_MAX} style={{ flex: "1 1 10rem" }}
      onChange={(event) => {
        setTyped(event.currentTarget.value);
        ask(event.currentTarget.value);
      }}
    />
  );
}
