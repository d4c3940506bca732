import { Button, Group, SegmentedControl, Select } from "@mantine/core";
import { SearchField } from "../../shell/SearchField";
import { CATEGORIES } from "./categories";
import { type Filters, isFiltered, PRICE_BANDS } from "./filters";

export interface AuctionFiltersProps {
  filters: Filters;
  onChange: (changes: Record<string, string | undefined>) => void;
  onClear: () => void;
}

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
      <SearchField label="Search titles and sellers" value={filters.search} onChange={(q) => onChange({ q })} />
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
