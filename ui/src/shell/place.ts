/** The pages of the header that have pages below them. */
export type Place = "buy" | "sell";

// What a seller does with one auction lies below the address of all auctions, where nobody is buying.
const SELLING = /^\/(sell|auctions\/new|auctions\/[^/]+\/desk)\/?$/;
const BUYING = /^\/auctions(\/|$)/;

/** Where in the header a path belongs; `undefined` when elsewhere. */
export function placeOf(pathname: string): Place | undefined {
  if (SELLING.test(pathname)) return "sell";
  return BUYING.test(pathname) ? "buy" : undefined;
}
