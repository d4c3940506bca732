import { IconTerminal2 } from "@tabler/icons-react";
import { type ApiCall, curl } from "../api/curl";
import classes from "./ApiEcho.module.css";
import { CopyField } from "./CopyField";

/** The API call that a form makes, folded away until asked for. */
export function ApiEcho(call: ApiCall) {
  return (
    <details className={classes.echo}>
      <summary>
        <IconTerminal2 size={16} aria-hidden /> The same from a terminal
      </summary>
      <CopyField label="API call" value={curl(call, window.location.origin)} isMultiline />
    </details>
  );
}
