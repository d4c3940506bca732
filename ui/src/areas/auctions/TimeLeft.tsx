import { countdown, timeLeft } from "../../shell/format";
import { useServerText } from "../../shell/useServerText";

const HOUR_MS = 3_600_000;

/** The time to the end by the server's clock. The running figures are silent; a screen reader gets words. */
export function TimeLeft({ endMs, isCoarse = false }: { endMs: number; isCoarse?: boolean }) {
  const words = useServerText((now) => timeLeft(endMs - now));
  const figures = useServerText((now) => figuresOf(endMs - now, isCoarse));
  if (words === undefined || figures === undefined) return <span className="figures">–</span>;
  if (figures === "") return <span>{words}</span>;
  return (
    <>
      <span className="figures" aria-hidden data-testid="countdown">{figures}</span>
      <span className="visually-hidden">{words}</span>
    </>
  );
}

/** The clock's figures, or nothing where words say it better. */
function figuresOf(leftMs: number, isCoarse: boolean): string {
  return leftMs <= 0 || (isCoarse && leftMs > HOUR_MS) ? "" : countdown(leftMs);
}
