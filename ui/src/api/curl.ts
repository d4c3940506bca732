/** An API call as the reader can repeat it in a terminal. */
export interface ApiCall {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  path: string;
  body?: unknown;
  /** Whether the call needs the caller's token, shown as a shell variable and never in the clear. */
  isAuthorised?: boolean;
}

const SECRETS = new Set(["password", "token"]);

/** Renders the call for a POSIX shell. Secrets in the body are shown as `…`. */
export function curl(call: ApiCall, origin: string): string {
  const lines = [`curl -X ${call.method} ${quote(origin + call.path)}`];
  if (call.isAuthorised) lines.push(`-H "Authorization: Bearer $ROSTRUM_TOKEN"`);
  if (call.body !== undefined) {
    lines.push(`-H 'Content-Type: application/json'`);
    lines.push(`-d ${quote(JSON.stringify(call.body, hideSecrets, 2))}`);
  }
  return lines.join(" \\\n  ");
}

function hideSecrets(key: string, value: unknown): unknown {
  return SECRETS.has(key) && value ? "…" : value;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
