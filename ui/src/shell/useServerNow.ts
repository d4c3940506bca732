import { useEffect, useState } from "react";
import { serverClock } from "../api/clock";

/** The server's time, updated at every whole `stepMs`; undefined until it is known. */
export function useServerNow(stepMs = 1000): number | undefined {
  const [now, setNow] = useState(() => serverClock.now());
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    const tick = () => {
      const current = serverClock.now();
      setNow(current);
      timer = setTimeout(tick, current === undefined ? 250 : stepMs - (current % stepMs) + 5);
    };
    tick();
    return () => clearTimeout(timer);
  }, [stepMs]);
  return now;
}
