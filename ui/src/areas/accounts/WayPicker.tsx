import { SegmentedControl } from "@mantine/core";
import type { Way } from "./signInWays";

/** Chooses between a code and a password. */
export function WayPicker({ way, onChange }: { way: Way; onChange: (way: Way) => void }) {
  return (
    <SegmentedControl<Way>
      aria-label="How to sign in"
      fullWidth
      value={way}
      onChange={onChange}
      data={[{ value: "code", label: "With a code" }, { value: "password", label: "With a password" }]}
    />
  );
}
