import { Button, Group, Text } from "@mantine/core";
import { ApiEcho } from "../../../shell/ApiEcho";
import { Dialog } from "../../../shell/Dialog";
import { timeRange } from "../../../shell/format";
import { FormError } from "../../accounts/FormError";
import type { Booking } from "../types";
import { useRemoveBooking } from "./queries";

/** Takes a window back, after asking. */
export function RemoveBooking({ booking, isOpen, onClose }: { booking: Booking; isOpen: boolean; onClose: () => void }) {
  const remove = useRemoveBooking(booking.channelId);
  return (
    <Dialog title="Remove this window?" isOpen={isOpen} onClose={onClose} onClosed={remove.reset}>
      <Text>
        <bdi>{booking.hostName}</bdi>, {timeRange(booking.startsAt, booking.endsAt)}. They are told.
      </Text>
      <FormError error={remove.error} />
      <Group justify="end">
        <Button variant="default" data-autofocus onClick={onClose}>Keep it</Button>
        <Button color="live" loading={remove.isPending} onClick={() => remove.mutate(booking.bookingId, { onSuccess: onClose })}>Remove</Button>
      </Group>
      <ApiEcho method="DELETE" path={`/admin/channels/${booking.channelId}/bookings/${booking.bookingId}`} isAuthorised />
    </Dialog>
  );
}
