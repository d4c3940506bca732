import { useServerNow } from "../../shell/useServerNow";
import { countdown, timeLeft } from "../../shell/format";

/** The time to the end by the server's clock. The running figures are silent; a screen reader gets words. */
export function TimeLeft({ endMs, isCoarse = false }: { endMs: number; isCoarse?: boolean }) {
  const now = useServerNow();
  if (now === undefined) return <span className="figures">–</span>;
  const leftMs = endMs - now;
  if (leftMs <= 0) return <span>Closing…</span>;
  if (isCoarse && leftMs > 3_600_000) return <span>{timeLeft(leftMs)}</span>;
  return (
    <>
      <span className="figures" aria-hidden data-testid="countdown">{countdown(leftMs)}</span>
      <span className="visually-hidden">{timeLeft(leftMs)}</span>
    </>
  );
}
