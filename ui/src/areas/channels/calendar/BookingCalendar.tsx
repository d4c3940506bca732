import { ActionIcon, Alert, Button, Group, Skeleton, Text, Tooltip } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconAlertCircle, IconCalendarPlus, IconChevronLeft, IconChevronRight, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { serverClock } from "../../../api/clock";
import { sentence } from "../../../api/error";
import { useServerText } from "../../../shell/useServerText";
import type { Booking, ChannelHost } from "../types";
import { AddBooking } from "./AddBooking";
import classes from "./BookingCalendar.module.css";
import { useBookings } from "./queries";
import { RemoveBooking } from "./RemoveBooking";
import { type Day, type Piece, pieceText, piecesOf, weekOf } from "./week";

/** The windows of a channel, a week at a time: each day is a line from midnight to midnight. */
export function BookingCalendar({ channelId, hosts }: { channelId: string; hosts: ChannelHost[] }) {
  const bookings = useBookings(channelId);
  const [shift, setShift] = useState(0);
  const [isAdding, adding] = useDisclosure(false);
  const [isRemoving, removing] = useDisclosure(false);
  const [chosen, setChosen] = useState<Booking>();
  // Renders again when the minute changes, so that the line of the moment moves.
  const minute = Number(useServerText((now) => String(Math.floor(now / 60_000) * 60_000)) ?? serverClock.now() ?? 0);
  const week = weekOf(minute, shift);
  return (
    <div>
      <Group justify="space-between" gap="sm" mb="xs">
        <Group gap={4}>
          <ActionIcon variant="default" aria-label="Week before" onClick={() => setShift(shift - 1)}><IconChevronLeft size={18} /></ActionIcon>
          <ActionIcon variant="default" aria-label="Next week" onClick={() => setShift(shift + 1)}><IconChevronRight size={18} /></ActionIcon>
          <Text fw={600} role="status" ml={6}>{minute > 0 && weekText(week)}</Text>
          {shift !== 0 && <Button size="compact-sm" variant="subtle" onClick={() => setShift(0)}>This week</Button>}
        </Group>
        <Tooltip label="Assign a host first: a window belongs to one of the channel’s hosts." disabled={hosts.length > 0}>
          <Button
            size="sm" variant="default" leftSection={<IconCalendarPlus size={17} />} onClick={adding.open}
            {...(hosts.length === 0 ? { "data-disabled": true, "aria-disabled": true } : {})}
          >
            Book a window
          </Button>
        </Tooltip>
      </Group>
      {bookings.error && <Alert role="alert" color="live" icon={<IconAlertCircle />} title={sentence(bookings.error)} />}
      {bookings.isPending && <Skeleton h={240} radius="md" role="status" aria-label="Loading the calendar" />}
      {bookings.data && minute > 0 && (
        <>
          <div className={classes.scale} aria-hidden><span>0:00</span><span>6:00</span><span>12:00</span><span>18:00</span></div>
          <ol className={classes.days}>
            {week.map((day) => (
              <DayLine
                key={day.startMs} day={day} nowMs={minute} pieces={piecesOf(bookings.data, day)}
                onRemove={(booking) => {
                  setChosen(booking);
                  removing.open();
                }}
              />
            ))}
          </ol>
          <Text size="sm" c="dimmed" mt="xs">
            {rule(bookings.data, minute)} Times are in your zone, {zone()}.
          </Text>
        </>
      )}
      <AddBooking
        channelId={channelId} hosts={hosts} bookings={bookings.data ?? []} nowMs={minute} isOpen={isAdding && hosts.length > 0}
        onClose={adding.close}
      />
      {chosen && <RemoveBooking booking={chosen} isOpen={isRemoving} onClose={removing.close} />}
    </div>
  );
}

function DayLine({ day, nowMs, pieces, onRemove }: { day: Day; nowMs: number; pieces: Piece[]; onRemove: (booking: Booking) => void }) {
  const isToday = nowMs >= day.startMs && nowMs < day.endMs;
  return (
    <li className={classes.day} data-today={isToday || undefined}>
      <span className={classes.name}>
        {new Intl.DateTimeFormat(undefined, { weekday: "short", day: "numeric", month: "short" }).format(day.startMs)}
        {isToday && ", today"}
      </span>
      <div className={classes.track} aria-hidden>
        {pieces.map((piece) => (
          <div
            key={piece.booking.bookingId} className={classes.piece} data-past={Date.parse(piece.booking.endsAt) <= nowMs || undefined}
            style={{
              insetInlineStart: `${piece.from * 100}%`, inlineSize: `${(piece.to - piece.from) * 100}%`,
              "--hue": hueOf(piece.booking.hostUserId),
            } as React.CSSProperties}
          >
            {piece.booking.hostName}
          </div>
        ))}
        {isToday && <div className={classes.now} style={{ insetInlineStart: `${((nowMs - day.startMs) / (day.endMs - day.startMs)) * 100}%` }} />}
      </div>
      {pieces.length > 0 && (
        <ul className={classes.windows}>
          {pieces.map((piece) => {
            const { booking } = piece;
            const when = pieceText(piece);
            return (
              <li key={booking.bookingId} data-testid="booking">
                <span className="figures">{when}</span>
                <span><bdi>{booking.hostName}</bdi>{booking.note && <Text span size="sm" c="dimmed"> · <bdi>{booking.note}</bdi></Text>}</span>
                {Date.parse(booking.endsAt) > nowMs && (
                  <ActionIcon size="sm" aria-label={`Remove the window of ${booking.hostName}, ${when}`} onClick={() => onRemove(booking)}>
                    <IconTrash size={15} />
                  </ActionIcon>
                )}
              </li>
            );
          })}
        </ul>
      )}
    </li>
  );
}

function rule(bookings: Booking[], nowMs: number): string {
  return bookings.some(({ endsAt }) => Date.parse(endsAt) > nowMs)
    ? "The calendar is in force: a host starts a session only within a window of their own."
    : "Nothing is booked ahead: whichever host comes first may start.";
}

function weekText(week: Day[]): string {
  const [first, last] = [week[0], week.at(-1)];
  if (!first || !last) return "";
  return new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", year: "numeric" }).formatRange(first.startMs, last.startMs);
}

function zone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

// The golden angle, in degrees: neighbours on it look unlike each other.
const GOLDEN_ANGLE = 137.5;

// Each host keeps one colour; the name stands beside it.
function hueOf(text: string): number {
  let hash = 0;
  for (const character of text) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 100_003;
  return (hash * GOLDEN_ANGLE) % 360;
}
