import { expect, it } from "vitest";
import { issuerLink, issuerProblem, shownEmail } from "./oidc";

it("comes back to the page that asked for an account", () =>
  expect(issuerLink("/auctions/1?tab=bids")).toBe("/api/auth/oidc/start?next=%2Fui%2Fauctions%2F1%3Ftab%3Dbids"));

it.each([
  ["cancelled", "You did not finish signing in with Acme. Nothing has changed."],
  ["closed", "This account is closed. Ask whoever runs this site."],
  ["failed", "Signing in with Acme did not work."],
  ["constructor", "Signing in with Acme did not work."],
  ["<b>", "Signing in with Acme did not work."],
])("says what %s means", (word, sentence) => expect(issuerProblem(word, "Acme")).toBe(sentence));

it("says nothing when nothing went wrong", () => expect(issuerProblem(null, "Acme")).toBeUndefined());

it("shows addresses, but none that we made up", () => {
  expect(shownEmail("ada@example.org")).toBe("ada@example.org");
  expect(shownEmail("x7w2@oidc.invalid")).toBe("No e-mail address");
});
