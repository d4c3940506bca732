/** Event streams that wait for the server to come back. */
const waiting = new Set<object>();
const listeners = new Set<() => void>();

/** Whether the server was there and is not any more, as far as the open event streams can tell. */
export function isServerLost(): boolean {
  return waiting.size > 0;
}

/** Says that `stream` waits for the server, or that it does so no longer. */
export function reportLost(stream: object, isLost: boolean): void {
  const before = isServerLost();
  if (isLost) waiting.add(stream);
  else waiting.delete(stream);
  if (before !== isServerLost()) listeners.forEach((listener) => listener());
}

export function subscribeReachability(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
