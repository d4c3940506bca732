import { Group, SegmentedControl, Select, Switch, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useSession } from "../accounts/useSession";
import { CATEGORIES } from "./categories";
import type { LocalFilters, StatusFilter } from "./filters";

export interface AuctionFiltersProps extends LocalFilters {
  status: StatusFilter;
  category: string;
  isMine: boolean;
  onChange: (changes: Record<string, string | undefined>) => void;
}

/** The filters of the list; each writes itself into the address. */
export function AuctionFilters({ status, category, isMine, search, endsWithinHours, onChange }: AuctionFiltersProps) {
  const isSignedIn = useSession().status === "signed-in";
  return (
    <Group gap="sm" role="search" align="center">
      <SegmentedControl
        aria-label="Status"
        value={status}
        onChange={(value) => onChange({ status: value })}
        data={[{ value: "live", label: "Running" }, { value: "closed", label: "Closed" }, { value: "all", label: "All" }]}
      />
      <TextInput
        aria-label="Search titles and sellers"
        placeholder="Search"
        type="search"
        leftSection={<IconSearch size={16} />}
        value={search}
        onChange={(event) => onChange({ q: event.currentTarget.value })}
        style={{ flex: "1 1 10rem" }}
      />
      <Select
        aria-label="Category"
        placeholder="Any category"
        data={CATEGORIES}
        value={category || null}
        onChange={(value) => onChange({ category: value ?? undefined })}
        clearable
        clearButtonProps={{ "aria-label": "Any category" }}
        style={{ flex: "1 1 9rem", maxWidth: "13rem" }}
      />
      <Select
        aria-label="Time left"
        placeholder="Any time left"
        data={[{ value: "1", label: "Ends within 1 h" }, { value: "6", label: "Ends within 6 h" }, { value: "24", label: "Ends within 24 h" }]}
        value={endsWithinHours > 0 ? String(endsWithinHours) : null}
        onChange={(value) => onChange({ within: value ?? undefined })}
        clearable
        clearButtonProps={{ "aria-label": "Any time left" }}
        style={{ flex: "1 1 9rem", maxWidth: "13rem" }}
      />
      {isSignedIn && (
        <Switch label="Mine" checked={isMine} onChange={(event) => onChange({ mine: event.currentTarget.checked ? "true" : undefined })} />
      )}
    </Group>
  );
}
