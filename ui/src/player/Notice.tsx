import type { ReactNode } from "react";
import classes from "./Notice.module.css";

/** A sentence in the picture's place. */
export function Notice({ title, children, isBusy = false }: { title: string; children?: ReactNode; isBusy?: boolean }) {
  return (
    <div className={classes.notice}>
      {isBusy && (
        <span className={classes.pulse} aria-hidden>
          <span />
          <span />
          <span />
        </span>
      )}
      <strong className={classes.title}>{title}</strong>
      {children && <span className={classes.text}>{children}</span>}
    </div>
  );
}
