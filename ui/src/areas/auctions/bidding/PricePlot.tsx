import { useState } from "react";
import { clockTime, money } from "../../../shell/format";
import { niceMax } from "../../../shell/plot";
import type { PricePoint } from "./bidLog";
import classes from "./PricePlot.module.css";

export interface PricePlotProps {
  /** Oldest first. */
  steps: PricePoint[];
  startingBid: number;
  currency: string;
}

// The drawing's own units; it is stretched to the width that the page gives it.
const WIDTH = 300;
const HEIGHT = 110;
const EDGE = 6;
// More dots than this would be a smear; the line says the rest.
const DOTS_MAX = 60;

/** The price over time as a step line, the reader's own bids marked. The table beside it says the same in words. */
export function PricePlot({ steps, startingBid, currency }: PricePlotProps) {
  const [hovered, setHovered] = useState<PricePoint>();
  const first = steps[0];
  const last = steps.at(-1);
  if (!first || !last || steps.length < 2) return null;
  const spanMs = Math.max(1, last.atMs - first.atMs);
  const low = Math.min(startingBid, first.price);
  const top = Math.max(niceMax(last.price), low + 1);
  const x = (atMs: number) => EDGE + ((atMs - first.atMs) / spanMs) * (WIDTH - 2 * EDGE);
  const y = (price: number) => HEIGHT - EDGE - ((price - low) / (top - low)) * (HEIGHT - 2 * EDGE);
  const corners = steps.flatMap((step, index) => {
    const before = steps[index - 1];
    return [...(before ? [[x(step.atMs), y(before.price)]] : []), [x(step.atMs), y(step.price)]];
  });
  const line = corners.map((corner) => corner.map((n) => n.toFixed(1)).join(",")).join(" ");
  const shown = hovered ?? last;
  const hover = (event: React.PointerEvent<SVGSVGElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    const at = first.atMs + ((event.clientX - box.left) / box.width) * spanMs;
    setHovered(steps.reduce((best, step) => (Math.abs(step.atMs - at) < Math.abs(best.atMs - at) ? step : best)));
  };
  return (
    <figure className={classes.figure} data-testid="price-plot">
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" className={classes.plot} role="img"
        aria-label={`The price climbed from ${money(first.price, currency)} to ${money(last.price, currency)} in ${steps.length} bids`}
        onPointerMove={hover} onPointerLeave={() => setHovered(undefined)}
      >
        <polygon points={`${x(first.atMs)},${HEIGHT} ${line} ${x(last.atMs)},${HEIGHT}`} className={classes.area} />
        <polyline points={line} className={classes.line} />
        {steps.slice(-DOTS_MAX).map((step) => (
          <Mark key={`${step.atMs} ${step.price}`} x={x(step.atMs)} y={y(step.price)} isYou={step.isYou} />
        ))}
        {hovered && <line x1={x(hovered.atMs)} x2={x(hovered.atMs)} y1="0" y2={HEIGHT} className={classes.cursor} />}
      </svg>
      <figcaption className={classes.scale}>
        <span>{clockTime(shown.atMs)}{hovered?.isYou && ", your bid"}</span>
        <span className={classes.key}><span className={classes.diamond} aria-hidden /> your bids</span>
        <b>{money(shown.price, currency)}</b>
      </figcaption>
    </figure>
  );
}

/** A short vertical stroke keeps its shape when the drawing is stretched; a round dot would not. */
function Mark({ x, y, isYou }: { x: number; y: number; isYou: boolean }) {
  return <line x1={x} x2={x} y1={y} y2={y} className={isYou ? classes.own : classes.dot} />;
}
