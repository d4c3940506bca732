import type { Health } from "../../broadcasts/HealthPanel";
import { dateTime } from "../../../shell/format";
import type { Booking, HostChannel, Session } from "../types";

/** How far a step is: `open` waits for somebody, `problem` keeps the host from going on. */
export type StepState = "done" | "open" | "problem";

export interface Step {
  key: string;
  title: string;
  state: StepState;
  text: string;
}

export interface Known {
  channel: HostChannel;
  /** The reader's own session; null when there is none, undefined while nobody knows. */
  session: Session | null | undefined;
  health: Health | undefined;
  nowMs: number;
}

/** What stands between the host and the audience, from what the server said. */
export function goLiveSteps(known: Known): Step[] {
  return [channelStep(known), timeStep(known), freeStep(known), streamStep(known), pictureStep(known), sessionStep(known)];
}

function channelStep({ channel }: Known): Step {
  return channel.state === "OFFLINE"
    ? { key: "channel", title: "Your channel is switched off", state: "problem", text: "An administrator has to switch it on again." }
    : { key: "channel", title: "You have a channel", state: "done", text: "Its address stays the same for every broadcast." };
}

function timeStep({ channel, nowMs }: Known): Step {
  const { current, next } = windowsAt(channel.bookings, nowMs);
  if (current) return { key: "time", title: "It is your time", state: "done", text: `Your window lasts until ${dateTime(current.endsAt)}.` };
  if (next) {
    return { key: "time", title: "It is not your time yet", state: "open", text: `Your next window begins ${dateTime(next.startsAt)}.` };
  }
  return {
    key: "time", title: "No window is booked for you", state: "done",
    text: "While nobody has booked this channel, whoever comes first may start.",
  };
}

function freeStep({ channel, session }: Known): Step {
  const { currentSessionId, state, onAir } = channel;
  if (session) return { key: "free", title: "The channel is yours", state: "done", text: "Nobody else can start on it until you end." };
  // Another host's session, or an administrator's hold.
  const isTaken = (currentSessionId !== null && session === null) || (state === "LIVE" && !onAir);
  return isTaken
    ? { key: "free", title: "Somebody else is using the channel", state: "problem", text: "You can start when they have ended." }
    : { key: "free", title: "The channel is free", state: "done", text: "Nobody else is using it." };
}

function streamStep({ channel }: Known): Step {
  switch (channel.video.state) {
    case "live":
      return { key: "stream", title: "Your stream arrives", state: "done", text: "We see you: your picture is on air." };
    case "interrupted":
      return { key: "stream", title: "Your stream broke off", state: "problem", text: "Start it again and the same broadcast continues." };
    default:
      return { key: "stream", title: "Start your encoder", state: "open", text: "Carry server and key below to OBS and press “Start Streaming”." };
  }
}

function pictureStep({ channel, health }: Known): Step {
  if (channel.video.state !== "live" || !health || health.samples.length === 0) {
    return { key: "picture", title: "The picture is good", state: "open", text: "Measured some seconds after your stream arrives." };
  }
  const worst = health.advice.find(({ level }) => level !== "info");
  return worst
    ? { key: "picture", title: "The picture could be better", state: "problem", text: worst.text }
    : { key: "picture", title: "The picture is good", state: "done", text: "Everything measured is as it should be." };
}

function sessionStep({ session }: Known): Step {
  return session
    ? { key: "session", title: "Your session runs", state: "done", text: "The time on air is counted for your show." }
    : { key: "session", title: "Start your session", state: "open", text: "Choose a show below. A session keeps the channel for you." };
}

/** The host's window at a moment, and the next one after it. */
export function windowsAt(bookings: readonly Booking[], nowMs: number): { current: Booking | undefined; next: Booking | undefined } {
  const ordered = bookings.toSorted((a, b) => Date.parse(a.startsAt) - Date.parse(b.startsAt));
  return {
    current: ordered.find(({ startsAt, endsAt }) => Date.parse(startsAt) <= nowMs && nowMs < Date.parse(endsAt)),
    next: ordered.find(({ startsAt }) => Date.parse(startsAt) > nowMs),
  };
}
