import { Group, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useId } from "react";
import classes from "./CapacityGauge.module.css";
import type { Capacity } from "./types";

// From here on the operator should know before somebody is refused.
const NEARLY_FULL = 0.8;

/** How many of the channels that the provider allows exist, and how many may still be made. */
export function CapacityGauge({ capacity }: { capacity: Capacity }) {
  const id = useId();
  const { currentChannelCount: used, maxChannelLimit: max, remainingCapacity: left } = capacity;
  const share = max > 0 ? Math.min(1, used / max) : 1;
  const level = left <= 0 ? "full" : share >= NEARLY_FULL ? "nearly" : "free";
  return (
    <div className={classes.gauge} data-testid="capacity" data-level={level}>
      <Group justify="space-between" gap="xs" mb={6} align="baseline">
        <Text fw={600} id={id}>Capacity</Text>
        <Text size="sm" c="dimmed" className="figures">
          {used} of {max} channels used, {left} free
        </Text>
      </Group>
      <div
        role="meter" aria-labelledby={id} aria-valuemin={0} aria-valuemax={max} aria-valuenow={used} className={classes.track}
        aria-valuetext={`${used} of ${max} channels used`}
      >
        {used > 0 && <div className={classes.used} data-level={level} style={{ inlineSize: `${share * 100}%` }} />}
      </div>
      {level !== "free" && (
        <Group gap={6} mt={6} wrap="nowrap" align="start">
          <IconAlertTriangle size={16} aria-hidden style={{ flex: "none", marginTop: 2 }} />
          <Text size="sm">
            {level === "full"
              ? "Full: no channel can be created or approved until one is deleted or the limit is raised."
              : "Nearly full. Delete channels that nobody uses, or raise the limit at the provider and in [channels] capacity."}
          </Text>
        </Group>
      )}
    </div>
  );
}
