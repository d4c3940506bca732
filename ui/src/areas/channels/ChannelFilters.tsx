import { Button, Group, SegmentedControl, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import { type Filters, isFiltered, STATES } from "./filters";

export interface ChannelFiltersProps {
  filters: Filters;
  onChange: (changes: Record<string, string>) => void;
}

// A word is asked for when the typing rests.
const TYPING_MS = 300;
const WORDS = { LIVE: "Live", IDLE: "Idle", OFFLINE: "Offline" };

/** The filters of the list; each writes itself into the address. */
export function ChannelFilters({ filters, onChange }: ChannelFiltersProps) {
  const [typed, setTyped] = useState(filters.search);
  const [known, setKnown] = useState(filters.search);
  const ask = useDebouncedCallback((q: string) => onChange({ q }), TYPING_MS);
  // The address changed by other means, such as "Clear all" or the way back.
  if (known !== filters.search) {
    setKnown(filters.search);
    if (filters.search !== typed.trim()) setTyped(filters.search);
  }
  return (
    <Group gap="sm" role="search" align="center">
      <SegmentedControl
        aria-label="State" value={filters.state ?? ""} onChange={(state) => onChange({ state: state.toLowerCase() })}
        data={[{ value: "", label: "All" }, ...STATES.map((state) => ({ value: state, label: WORDS[state] }))]}
      />
      <TextInput
        aria-label="Search channels and hosts" placeholder="Channel or host" type="search" leftSection={<IconSearch size={16} />}
        value={typed} maxLength={100} style={{ flex: "1 1 10rem", maxWidth: "24rem" }}
        onChange={(event) => {
          setTyped(event.currentTarget.value);
          ask(event.currentTarget.value);
        }}
      />
      {isFiltered(filters) && <Button variant="subtle" onClick={() => onChange({ q: "", state: "" })}>Clear all</Button>}
    </Group>
  );
}
