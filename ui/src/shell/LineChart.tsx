import { Text, Tooltip } from "@mantine/core";
import { useId, useState } from "react";
import classes from "./LineChart.module.css";
import { clockTime, dateTime, duration } from "./format";
import { niceMax, type PlotPoint, segments } from "./plot";

export interface LineChartProps {
  label: string;
  /** What is measured, in a sentence; shown on hover. */
  meaning: string;
  /** Oldest first; a null value is a gap. */
  points: PlotPoint[];
  format: (value: number) => string;
}

// The drawing's own units; it is stretched to the width that the page gives it.
const WIDTH = 300;
const HEIGHT = 84;
// Keeps the line off the upper edge, where it would look cut.
const HEADROOM = 1.1;
// From here on minutes are too many to be read, and a time of day says too little.
const LONG_MS = 5 * 3_600_000;

/** A number over time: the newest figure in words, the line, and any moment under the pointer. */
export function LineChart({ label, meaning, points, format }: LineChartProps) {
  const id = useId();
  const [hovered, setHovered] = useState<PlotPoint>();
  const known = points.filter((point): point is { at: number; value: number } => point.value !== null);
  const newest = known.at(-1);
  const start = points[0]?.at ?? 0;
  const spanMs = Math.max(1, (points.at(-1)?.at ?? 0) - start);
  const top = niceMax(HEADROOM * Math.max(0, ...known.map((point) => point.value)));
  const x = (at: number) => ((at - start) / spanMs) * WIDTH;
  const y = (value: number) => HEIGHT - (value / top) * (HEIGHT - 6) - 2;
  const shown = hovered ?? newest;

  const hover = (event: React.PointerEvent<SVGSVGElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    const at = start + ((event.clientX - box.left) / box.width) * spanMs;
    setHovered(nearest(known, at));
  };
  return (
    <figure className={classes.chart} aria-labelledby={id}>
      <figcaption className={classes.caption}>
        <Tooltip label={meaning} events={{ hover: true, focus: true, touch: true }}>
          <button type="button" id={id} className={classes.label}>{label}</button>
        </Tooltip>
        <Text fw={600} className="figures" component="span">
          {shown?.value === undefined || shown.value === null ? "–" : format(shown.value)}
        </Text>
      </figcaption>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" className={classes.plot} role="img"
        aria-label={`${label}. ${summary(known, format)}`} onPointerMove={hover} onPointerLeave={() => setHovered(undefined)}
      >
        <line x1="0" x2={WIDTH} y1={y(0)} y2={y(0)} className={classes.axis} />
        <line x1="0" x2={WIDTH} y1={y(top)} y2={y(top)} className={classes.axis} />
        {segments(points).map((segment) => {
          const line = segment.map((point) => `${x(point.at).toFixed(1)},${y(point.value).toFixed(1)}`).join(" ");
          const first = segment[0]?.at ?? start;
          const last = segment.at(-1)?.at ?? start;
          return (
            <g key={first}>
              <polygon points={`${x(first)},${y(0)} ${line} ${x(last)},${y(0)}`} className={classes.area} />
              <polyline points={line} className={classes.line} />
            </g>
          );
        })}
        {hovered && <line x1={x(hovered.at)} x2={x(hovered.at)} y1="0" y2={HEIGHT} className={classes.cursor} />}
      </svg>
      <div className={classes.scale}>
        <span>{hovered ? momentText(hovered.at, spanMs) : `over ${spanText(spanMs)}`}</span>
        <span>to {format(top)}</span>
      </div>
    </figure>
  );
}

function nearest<P extends PlotPoint>(points: P[], at: number): P | undefined {
  return points.reduce<P | undefined>(
    (best, point) => (!best || Math.abs(point.at - at) < Math.abs(best.at - at) ? point : best),
    undefined,
  );
}

function spanText(ms: number): string {
  if (ms < LONG_MS) return ms < 90_000 ? `${Math.round(ms / 1000)} s` : `${Math.round(ms / 60_000)} min`;
  return duration(ms);
}

function momentText(at: number, spanMs: number): string {
  return spanMs < LONG_MS ? clockTime(at) : dateTime(new Date(at).toISOString());
}

function summary(points: { value: number }[], format: (value: number) => string): string {
  if (points.length === 0) return "No measurements";
  const values = points.map((point) => point.value);
  return `From ${format(Math.min(...values))} to ${format(Math.max(...values))}, now ${format(values.at(-1) ?? 0)}`;
}
