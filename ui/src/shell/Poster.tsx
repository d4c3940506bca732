import { IconGavel } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import classes from "./Poster.module.css";

export interface PosterProps {
  url: string | null;
  /** What the picture is of: similar things do not look alike. */
  title: string;
  /** Stands on the ground where there is no picture. */
  icon?: ReactNode;
}

/** A picture, or a quiet ground in a colour of its own while it loads and when there is none. */
export function Poster({ url, title, icon = <IconGavel size={44} stroke={1.2} /> }: PosterProps) {
  const [broken, setBroken] = useState<string | null>(null);
  return (
    <div className={classes.ground} style={{ "--hue": hueOf(title) } as React.CSSProperties} aria-hidden>
      {url !== null && url !== broken
        ? <img className={classes.image} src={url} alt="" loading="lazy" onError={() => setBroken(url)} />
        : icon}
    </div>
  );
}

// Neighbouring cards without pictures should not look alike.
function hueOf(title: string): number {
  let hash = 0;
  for (const character of title) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 360;
  return hash;
}
