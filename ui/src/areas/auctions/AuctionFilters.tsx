import { Button, Group, SegmentedControl, Select, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import { CATEGORIES } from "./categories";
import { type Filters, isFiltered, PRICE_BANDS } from "./filters";

export interface AuctionFiltersProps {
  filters: Filters;
  onChange: (changes: Record<string, string | undefined>) => void;
  onClear: () => void;
}

// A word is asked for when the typing rests.
const TYPING_MS = 300;

/** The filters of the list; each writes itself into the address. */
export function AuctionFilters({ filters, onChange, onClear }: AuctionFiltersProps) {
  const { status, category, priceMin, priceMax, endsWithinHours } = filters;
  const band = priceMin + priceMax > 0 ? `${priceMin}-${priceMax}` : null;
  return (
    <Group gap="sm" role="search" align="center">
      <SegmentedControl
        aria-label="Status" value={status} onChange={(value) => onChange({ status: value })}
        data={[{ value: "live", label: "Running" }, { value: "closed", label: "Ended" }]}
      />
      <Search value={filters.search} onChange={(q) => onChange({ q })} />
      <Choice label="Category" any="Any category" data={CATEGORIES} value={category || null} onChange={(value) => onChange({ category: value })} />
      <Choice label="Price" any="Any price" data={PRICE_BANDS} value={band} onChange={(value) => onChange({ price: value })} />
      {status === "live" && (
        <Choice
          label="Time left" any="Any time left" value={endsWithinHours > 0 ? String(endsWithinHours) : null}
          data={[1, 6, 24].map((hours) => ({ value: String(hours), label: `Ends within ${hours} h` }))}
          onChange={(value) => onChange({ within: value })}
        />
      )}
      {isFiltered(filters) && <Button variant="subtle" onClick={onClear}>Clear all</Button>}
    </Group>
  );
}

function Search({ value, onChange }: { value: string; onChange: (q: string) => void }) {
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
      aria-label="Search titles and sellers" placeholder="Search" type="search" leftSection={<IconSearch size={16} />} value={typed}
      maxLength={100} style={{ flex: "1 1 10rem" }}
      onChange={(event) => {
        setTyped(event.currentTarget.value);
        ask(event.currentTarget.value);
      }}
    />
  );
}

interface ChoiceProps {
  label: string;
  any: string;
  data: { value: string; label: string }[];
  value: string | null;
  onChange: (value: string | undefined) => void;
}

function Choice({ label, any, data, value, onChange }: ChoiceProps) {
  return (
    <Select
      aria-label={label} placeholder={any} data={data} value={value} onChange={(next) => onChange(next ?? undefined)}
      clearable clearButtonProps={{ "aria-label": any }} style={{ flex: "1 1 9rem", maxWidth: "13rem" }}
    />
  );
}
