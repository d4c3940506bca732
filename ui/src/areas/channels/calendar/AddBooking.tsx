import { Button, Group, Select, SimpleGrid, Stack, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { ApiError } from "../../../api/error";
import { ApiEcho } from "../../../shell/ApiEcho";
import { Dialog } from "../../../shell/Dialog";
import { focusFirst, showErrors } from "../../../shell/forms";
import { timeRange } from "../../../shell/format";
import { FormError } from "../../accounts/FormError";
import type { Booking, ChannelHost } from "../types";
import { type NewBooking, useAddBooking } from "./queries";
import { fromField, nextHour, toField } from "./week";

export interface AddBookingProps {
  channelId: string;
  hosts: ChannelHost[];
  /** What is booked already, to name what is in the way. */
  bookings: Booking[];
  nowMs: number;
  isOpen: boolean;
  onClose: () => void;
}

const WINDOW_MS = 2 * 3_600_000;

/** Books a window of time for one of the channel's hosts. */
export function AddBooking(props: AddBookingProps) {
  const { channelId, isOpen, onClose } = props;
  const add = useAddBooking(channelId);
  return (
    <Dialog title="Book a window" isOpen={isOpen} onClose={onClose} onClosed={add.reset}>
      <BookingForm {...props} add={add} />
    </Dialog>
  );
}

interface Fields {
  hostUserId: string;
  startsAt: string;
  endsAt: string;
  note: string;
}

function BookingForm({ channelId, hosts, bookings, nowMs, onClose, add }: AddBookingProps & { add: ReturnType<typeof useAddBooking> }) {
  const start = nextHour(nowMs);
  const form = useForm<Fields>({
    initialValues: { hostUserId: hosts[0]?.hostUserId ?? "", startsAt: toField(start), endsAt: toField(start + WINDOW_MS), note: "" },
    validate: {
      hostUserId: (host) => (host ? null : "Choose whose window it is"),
      startsAt: (text) => (fromField(text) ? null : "Say when it begins"),
      endsAt: (text, { startsAt }) => {
        const [from, to] = [fromField(startsAt), fromField(text)];
        if (!to) return "Say when it ends";
        return from && to <= from ? "It ends after it begins" : null;
      },
    },
  });
  const body = toBooking(form.values);
  return (
    <form
      noValidate
      onSubmit={form.onSubmit(
        (fields) => add.mutate(toBooking(fields), { onSuccess: onClose, onError: (error) => showErrors(form, error) }),
        (errors) => focusFirst(form, errors),
      )}
    >
      <Stack gap="md">
        <FormError error={explained(add.error, bookings)} />
        <Select
          label="Host" required allowDeselect={false} data={hosts.map(({ hostUserId, name }) => ({ value: hostUserId, label: name }))}
          {...form.getInputProps("hostUserId")}
        />
        <SimpleGrid cols={{ base: 1, xs: 2 }}>
          <TextInput label="Begins" type="datetime-local" required {...form.getInputProps("startsAt")} />
          <TextInput label="Ends" type="datetime-local" required {...form.getInputProps("endsAt")} />
        </SimpleGrid>
        <TextInput label="Note" maxLength={200} placeholder="Rehearsal, for instance" {...form.getInputProps("note")} />
        <Group justify="end">
          <Button variant="default" onClick={onClose}>Cancel</Button>
          <Button type="submit" loading={add.isPending}>Book</Button>
        </Group>
        <ApiEcho method="POST" path={`/admin/channels/${channelId}/bookings`} body={body} isAuthorised />
      </Stack>
    </form>
  );
}

function toBooking({ hostUserId, startsAt, endsAt, note }: Fields): NewBooking {
  return {
    hostUserId, startsAt: fromField(startsAt) ?? "", endsAt: fromField(endsAt) ?? "", ...(note.trim() ? { note: note.trim() } : {}),
  };
}

/** The server's refusal, with the window that is in the way. */
function explained(error: Error | null, bookings: Booking[]): Error | null {
  if (!(error instanceof ApiError)) return error;
  const other = bookings.find(({ bookingId }) => bookingId === error.body["conflictingBookingId"]);
  if (!other) return error;
  const text = `${error.message}: ${other.hostName}, ${timeRange(other.startsAt, other.endsAt)}`;
  return new ApiError(error.status, text, error.details, error.retryAfterS, error.body);
}
