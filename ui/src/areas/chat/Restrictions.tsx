import { ActionIcon, Badge, Button, Group, Indicator, Popover, Stack, Text } from "@mantine/core";
import { IconUserCancel } from "@tabler/icons-react";
import { useState } from "react";
import { sentence } from "../../api/error";
import type { ChatRestriction } from "../../api/types";
import { timeOf } from "./lines";
import { type Measure, useModerate, useRestrictions } from "./queries";

/** Who is muted or banned, and the way back. */
export function Restrictions({ auctionId }: { auctionId: string }) {
  const [isOpen, setIsOpen] = useState(false);
  const listed = useRestrictions(auctionId, true);
  const moderate = useModerate(auctionId);
  const restrictions = listed.data ?? [];
  const error = listed.error ?? moderate.error;
  return (
    <Popover opened={isOpen} onChange={setIsOpen} position="bottom-end" width={320} trapFocus withRoles shadow="md">
      <Indicator label={restrictions.length} size={16} disabled={restrictions.length === 0} color="live">
        {/* What opens is said of the button: a plain element must not claim it. */}
        <Popover.Target>
          <ActionIcon color="gray" aria-label={`Muted and banned: ${restrictions.length}`} onClick={() => setIsOpen(!isOpen)}>
            <IconUserCancel size={18} />
          </ActionIcon>
        </Popover.Target>
      </Indicator>
      <Popover.Dropdown>
        <Stack gap="sm">
          <Text fw={600}>Muted and banned</Text>
          {restrictions.length === 0 && <Text size="sm" c="dimmed">Nobody. Use the menu beside a message.</Text>}
          {restrictions.map((one) => (
            <Group key={one.user_id} justify="space-between" wrap="nowrap">
              <Stack gap={2}>
                <Text size="sm"><bdi>{one.username}</bdi></Text>
                <Group gap={4}>{kindsOf(one).map((kind) => <Badge key={kind} size="xs" variant="light" color="gray">{kind}</Badge>)}</Group>
              </Stack>
              <Group gap={4} wrap="nowrap">
                {one.is_muted && <Lift label="Unmute" measure={{ kind: "unmute", user_id: one.user_id }} moderate={moderate} />}
                {one.is_banned && <Lift label="Unban" measure={{ kind: "unban", user_id: one.user_id }} moderate={moderate} />}
              </Group>
            </Group>
          ))}
          {error && <Text size="sm" c="live" role="alert">{sentence(error)}</Text>}
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}

function Lift({ label, measure, moderate }: { label: string; measure: Measure; moderate: ReturnType<typeof useModerate> }) {
  return (
    <Button size="compact-sm" variant="default" disabled={moderate.isPending} onClick={() => moderate.mutate(measure)}>{label}</Button>
  );
}

function kindsOf({ is_muted, muted_until, is_banned, banned_until }: ChatRestriction): string[] {
  const until = (time: string | null) => (time === null ? "" : ` until ${timeOf(Date.parse(time))}`);
  return [...(is_muted ? [`muted${until(muted_until)}`] : []), ...(is_banned ? [`banned${until(banned_until)}`] : [])];
}
