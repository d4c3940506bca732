/** The page behind a path of this server, as the router names it; anything else leads home. */
export function pagePath(href: string): string {
  return /^\/ui\/(?!\/)/.test(href) ? href.slice("/ui".length) : "/";
}
