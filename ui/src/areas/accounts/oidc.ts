/** Where the browser goes to sign in at the issuer; `next` is a page of ours, without the base of the pages. */
export function issuerLink(next: string): string {
  return `/api/auth/oidc/start?${new URLSearchParams({ next: `/ui${next}` }).toString()}`;
}

const PROBLEMS: Record<string, (name: string) => string> = {
  cancelled: (name) => `You did not finish signing in with ${name}. Nothing has changed.`,
  expired: () => "Signing in took too long or began in another browser. Please try once more.",
  refused: (name) => `Your sign-in with ${name} could not be confirmed. Please try once more.`,
  closed: () => "This account is closed. Ask whoever runs this site.",
  unavailable: (name) => `Signing in with ${name} does not work at the moment. Please try again in a minute.`,
  busy: () => "There were too many attempts from here. Please wait a minute.",
};

/** What the word in `?error=` means to a person; undefined when nothing went wrong. */
export function issuerProblem(word: string | null, name: string): string | undefined {
  if (word === null) return undefined;
  const problem = Object.hasOwn(PROBLEMS, word) ? PROBLEMS[word] : undefined;
  return problem ? problem(name) : `Signing in with ${name} did not work.`;
}

/** An address to show. People whose issuer vouches for none have one under `.invalid`, which says nothing to anybody. */
export function shownEmail(email: string): string {
  return email.endsWith(".invalid") ? "No e-mail address" : email;
}
