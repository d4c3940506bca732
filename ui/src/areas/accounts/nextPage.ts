/** Where to go after signing in: a page of ours, or Now. An address of another site is not followed. */
export function nextPage(search: URLSearchParams): string {
  const next = search.get("next") ?? "";
  return /^\/(?![/\\])/.test(next) ? next : "/now";
}
