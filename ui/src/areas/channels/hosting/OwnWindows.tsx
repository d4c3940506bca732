import { Paper, Text, Title } from "@mantine/core";
import { timeRange } from "../../../shell/format";
import { Row, Rows } from "../../../shell/Row";
import type { Booking } from "../types";

/** When the channel is the reader's. */
export function OwnWindows({ bookings, nowMs }: { bookings: Booking[]; nowMs: number }) {
  const ahead = bookings
    .filter(({ endsAt }) => Date.parse(endsAt) > nowMs)
    .sort((a, b) => Date.parse(a.startsAt) - Date.parse(b.startsAt));
  return (
    <Paper withBorder p={{ base: "md", sm: "xl" }} component="section" aria-labelledby="windows">
      <Title order={2} id="windows" mb="xs">Your windows</Title>
      {ahead.length === 0 && <Text c="dimmed">No time is booked for you. An administrator books windows where hosts share a channel.</Text>}
      <Rows label="Your windows">
        {ahead.map(({ bookingId, startsAt, endsAt, note }) => (
          <Row key={bookingId} name={timeRange(startsAt, endsAt)} detail={note ?? (Date.parse(startsAt) <= nowMs ? "Now" : "Booked")} />
        ))}
      </Rows>
    </Paper>
  );
}
