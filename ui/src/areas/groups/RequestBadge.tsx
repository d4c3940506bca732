import { IconCircleCheck, IconHourglass, IconMessageX } from "@tabler/icons-react";
import type { ChannelRequest } from "../../api/types";
import { StateBadge } from "../../shell/StateBadge";

/** How far a request for a channel is, by shape and word; nothing where nobody asked. */
export function RequestBadge({ request }: { request: Pick<ChannelRequest, "status"> | null }) {
  switch (request?.status) {
    case "PENDING":
      return <StateBadge label="Waiting for approval" tone="attention" icon={<IconHourglass size={14} aria-hidden />} testId="request-state" />;
    case "APPROVED":
      return <StateBadge label="Has a channel" tone="quiet" icon={<IconCircleCheck size={14} aria-hidden />} testId="request-state" />;
    case "REJECTED":
      return <StateBadge label="Request rejected" tone="attention" icon={<IconMessageX size={14} aria-hidden />} testId="request-state" />;
    default:
      return null;
  }
}
