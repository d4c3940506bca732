import { isRecord, toApiError } from "./error";
import type { Account, SignedIn } from "./types";

/** Who is using this page. `unknown` lasts until the first refresh has answered. */
export type Session =
  | { status: "unknown" }
  | { status: "anonymous" }
  | { status: "signed-in"; account: Account };

// Says only "this browser has signed in before", so that a first visit sends no refresh that must fail.
// The token itself never leaves memory; the refresh cookie is out of reach of scripts.
const RETURNING_KEY = "rostrum.returning";
const SIGNED_IN_HASH = "#signed-in";
// A token this close to its end is renewed before it is used.
const EXPIRY_MARGIN_MS = 20_000;

let session: Session = { status: "unknown" };
let token: { value: string; expiresAt: number } | undefined;
let refreshing: Promise<boolean> | undefined;
const listeners = new Set<() => void>();

export function currentSession(): Session {
  return session;
}

/** Follows what other tabs do: signing in or out there holds here too. */
export function followOtherTabs(): void {
  window.addEventListener("storage", ({ key, newValue }) => {
    if (key !== RETURNING_KEY) return;
    if (newValue === null) signedOut();
    else if (session.status === "anonymous") refresh().catch(() => undefined);
  });
}

export function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Finds out who is here, once per page load. */
export async function startSession(): Promise<void> {
  if (session.status !== "unknown") return;
  const isBack = comesFromIssuer();
  const isKnown = (isBack || localStorage.getItem(RETURNING_KEY) !== null) && (await refresh());
  if (!isKnown) signedOut();
  // Not before there is an answer: somebody else may be asking the same meanwhile.
  if (isBack && comesFromIssuer()) {
    window.history.replaceState(window.history.state, "", window.location.pathname + window.location.search);
  }
}

// Whoever signed in at the issuer comes back with a cookie that scripts cannot see; the address says that it is there.
function comesFromIssuer(): boolean {
  return window.location.hash === SIGNED_IN_HASH;
}

export function signedIn(answer: SignedIn): void {
  token = { value: answer.access_token, expiresAt: performance.now() + answer.expires_in * 1000 };
  localStorage.setItem(RETURNING_KEY, "1");
  publish({ status: "signed-in", account: answer.user });
}

export function signedOut(): void {
  token = undefined;
  localStorage.removeItem(RETURNING_KEY);
  publish({ status: "anonymous" });
}

/** The token to send, renewed when it is about to expire; undefined for an anonymous reader. */
export async function accessToken(): Promise<string | undefined> {
  if (session.status === "unknown") await startSession();
  if (token && performance.now() > token.expiresAt - EXPIRY_MARGIN_MS) await refresh();
  return token?.value;
}

/** Renews the token by the cookie. Concurrent callers share one request; false means signed out. */
export function refresh(): Promise<boolean> {
  refreshing ??= oneTabAtATime(requestRefresh).finally(() => (refreshing = undefined));
  return refreshing;
}

// The cookie rotates and its reuse revokes the family, so two tabs must not refresh with the same cookie.
async function oneTabAtATime(work: () => Promise<boolean>): Promise<boolean> {
  // Missing on insecure origins other than localhost.
  const locks = (navigator as { locks?: LockManager }).locks;
  return locks ? await locks.request("rostrum-refresh", work) : work();
}

async function requestRefresh(): Promise<boolean> {
  // The answer carries the next cookie: it must arrive even when the page is left meanwhile.
  const response = await fetch("/api/auth/refresh", { method: "POST", credentials: "same-origin", keepalive: true });
  const body: unknown = await response.json().catch(() => undefined);
  if (response.ok && isRecord(body)) {
    signedIn(body as unknown as SignedIn);
    return true;
  }
  if (response.status === 401) {
    signedOut();
    return false;
  }
  throw toApiError(response, body);
}

function publish(next: Session): void {
  session = next;
  listeners.forEach((listener) => listener());
}
