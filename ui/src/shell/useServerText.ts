import { useSyncExternalStore } from "react";
import { serverClock } from "../api/clock";

/**
 * A text made from the server's time, looked at every second; its reader renders again only when the text changes.
 * Undefined until the time is known.
 */
export function useServerText(read: (nowMs: number) => string): string | undefined {
  return useSyncExternalStore(subscribe, () => {
    const nowMs = serverClock.now();
    return nowMs === undefined ? undefined : read(nowMs);
  });
}

// One timer for the page, however many countdowns it shows.
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setTimeout> | undefined;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (listeners.size === 1) tick();
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) clearTimeout(timer);
  };
}

function tick(): void {
  listeners.forEach((listener) => listener());
  const nowMs = serverClock.now();
  timer = setTimeout(tick, nowMs === undefined ? 250 : 1000 - (nowMs % 1000) + 5);
}
