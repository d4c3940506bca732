import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { barriers } from "./accessibility.mjs";
import { fitsItsWidth, launch, person } from "./browser.mjs";

// Somebody is outbid and reads it in the bell by keyboard alone. BASE_URL: a running server with open registration.
const BASE = process.env.BASE_URL ?? "http://localhost:8000";
const OUT = fileURLToPath(new URL("../out/", import.meta.url));
const PASSWORD = "a lamp over green baize";
const RUN = Date.now();
const TITLE = "Brass sextant in its box";

const complaints = [];
let browser, ann, auctionId, rival;

async function call(path, token, body) {
  const headers = { "content-type": "application/json", ...(token ? { authorization: `Bearer ${token}` } : {}) };
  const response = await fetch(BASE + path, { method: "POST", headers, body: JSON.stringify(body) });
  const answer = await response.json();
  assert.ok(response.ok, `${path}: ${response.status} ${JSON.stringify(answer)}`);
  return answer;
}

async function account(name) {
  const body = { email: `${name}-${RUN}@example.org`, password: PASSWORD, name };
  return (await call("/api/auth/register", undefined, body)).access_token;
}

const bell = () => ann.getByTestId("bell");
const opened = () => ann.getByRole("dialog", { name: "Notifications" });
const focused = (locator) => locator.evaluate((element) => element === document.activeElement);
const isWithin = (locator) => locator.evaluate((element) => element.contains(document.activeElement));

before(async () => {
  mkdirSync(OUT, { recursive: true });
  browser = await launch();
  ann = await person(browser, complaints);
  const [seller, token] = await Promise.all([account("seller"), account("ann")]);
  rival = await account("rival");
  const listing = { title: TITLE, description: "Stanley, London.", duration: 600, starting_bid: 100, bid_increment: 10 };
  auctionId = (await call("/api/auctions", seller, listing)).auction_id;
  await call("/api/bids", token, { auction_id: auctionId, amount: 100 });
  await ann.goto(`${BASE}/ui/sign-in`);
  await ann.getByText("With a password").click();
  await ann.getByLabel("E-mail").fill(`ann-${RUN}@example.org`);
  await ann.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
  await ann.getByRole("button", { name: "Sign in" }).click();
  await bell().waitFor();
});

after(() => browser?.close());

test("the bell rings while one looks on", async () => {
  await call("/api/bids", rival, { auction_id: auctionId, amount: 110 });
  await ann.getByRole("button", { name: "Notifications, 1 unread" }).waitFor();
  assert.equal(await bell().getAttribute("aria-expanded"), "false");
});

test("Enter opens it, Tab stays in it, Escape closes it and gives the focus back", async () => {
  await bell().focus();
  await ann.keyboard.press("Enter");
  await opened().getByTestId("notification").waitFor();
  assert.equal(await bell().getAttribute("aria-expanded"), "true");
  assert.deepEqual(await barriers(ann), []);
  await ann.screenshot({ path: `${OUT}bell.png` });
  // Once around: more stops than there are in it.
  for (let stop = 0; stop < 6; stop += 1) {
    await ann.keyboard.press("Tab");
    assert.ok(await isWithin(opened()), `stop ${stop} is outside`);
  }
  await ann.keyboard.press("Escape");
  await opened().waitFor({ state: "detached" });
  assert.ok(await focused(bell()), "the focus is on the bell again");
  assert.equal(await bell().getAttribute("aria-expanded"), "false");
});

test("Enter on a notification reads it and leads to what it is about", async () => {
  await ann.keyboard.press("Enter");
  const link = opened().getByRole("link", { name: new RegExp(TITLE) });
  await link.waitFor();
  for (let stop = 0; stop < 6 && !(await focused(link)); stop += 1) await ann.keyboard.press("Tab");
  await ann.keyboard.press("Enter");
  await ann.getByRole("heading", { level: 1, name: TITLE }).waitFor();
  await opened().waitFor({ state: "detached" });
  await ann.getByRole("button", { name: "Notifications", exact: true }).waitFor();
});

test("on a dark phone it is as good", async () => {
  await ann.emulateMedia({ colorScheme: "dark" });
  await ann.setViewportSize({ width: 360, height: 740 });
  await bell().click();
  await opened().getByTestId("notification").waitFor();
  assert.deepEqual(await barriers(ann), []);
  assert.ok(await fitsItsWidth(ann));
  await ann.screenshot({ path: `${OUT}bell-phone-dark.png` });
  await ann.keyboard.press("Escape");
});

test("the seller's pages are the seller's in the header", async () => {
  await ann.setViewportSize({ width: 1280, height: 860 });
  await ann.goto(`${BASE}/ui/auctions/new`);
  const here = ann.getByRole("navigation", { name: "Main" }).locator('[aria-current="page"]');
  await ann.getByRole("heading", { level: 1 }).waitFor();
  assert.deepEqual(await here.allTextContents(), ["Sell"]);
});

test("no page complained", () => assert.deepEqual(complaints, []));
