import { useSyncExternalStore } from "react";

/** Whole seconds until a moment of the page's monotonic clock, counted down; 0 when it has passed. */
export function useSecondsLeft(untilMs: number): number {
  return useSyncExternalStore(subscribe, () => Math.max(0, Math.ceil((untilMs - performance.now()) / 1000)));
}

// Often enough that no second is skipped, however late the timer is; only a changed second renders.
function subscribe(listener: () => void): () => void {
  const timer = setInterval(listener, 250);
  return () => clearInterval(timer);
}
