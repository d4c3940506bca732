import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { fitsItsWidth, launch, person } from "./browser.mjs";

// BASE_URL: a running server. Its registration must be open; nothing else is assumed.
const BASE = process.env.BASE_URL ?? "http://localhost:8000";
const OUT = fileURLToPath(new URL("../out/", import.meta.url));

const complaints = [];
let browser, seller, bidder, watcher, room;

// A refused token is part of the story; Chromium reports it by itself.
const isExpected = (url) => url.endsWith("/chat/token") || url.includes("/chat");

async function register(page, name) {
  await page.goto(`${BASE}/ui/register`);
  await page.getByText("With a password").click();
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("E-mail").fill(`${name.replace(" ", "-").toLowerCase()}-${Date.now()}@example.org`);
  await page.getByRole("textbox", { name: "Password" }).fill("three vases on a shelf");
  await page.getByRole("button", { name: "Create account" }).click();
  await page.getByTestId("account-menu").waitFor();
}

/** Calls the API as whoever is signed in on the page. */
function call(page, method, path, body) {
  return page.evaluate(async ([method, path, body]) => {
    const refreshed = await fetch("/api/auth/refresh", { method: "POST" });
    const { access_token: token } = await refreshed.json();
    const response = await fetch(path, {
      method, headers: { authorization: `Bearer ${token}`, "content-type": "application/json" }, body: JSON.stringify(body),
    });
    return response.json();
  }, [method, path, body]);
}

const log = (page) => page.getByRole("log", { name: "Chat messages" });
const write = async (page, text) => {
  await page.getByRole("textbox", { name: "Message" }).fill(text);
  await page.getByRole("textbox", { name: "Message" }).press("Enter");
};

before(async () => {
  mkdirSync(OUT, { recursive: true });
  browser = await launch();
  seller = await person(browser, complaints, {}, isExpected);
  bidder = await person(browser, complaints, { viewport: { width: 1440, height: 900 } }, isExpected);
  watcher = await person(browser, complaints, { viewport: { width: 390, height: 844 }, colorScheme: "dark", isMobile: true, hasTouch: true }, isExpected);
  await register(seller, "Vera Glass");
  await register(bidder, "Ben Buyer");
  const lot = { title: "Vintage watch", description: "It ticks.", duration: 3600, starting_bid: 100, category: "watches" };
  const { auction_id } = await call(seller, "POST", "/api/auctions", lot);
  room = `${BASE}/ui/auctions/${auction_id}`;
  await Promise.all([seller, bidder, watcher].map((page) => page.goto(room)));
});

after(async () => {
  await browser?.close();
});

test("two people talk, and somebody without an account reads along", async () => {
  await bidder.getByPlaceholder(/^Write as Bidder/).waitFor();
  await write(bidder, "Does it tick? <img src=x onerror=alert(1)> https://example.org");
  await log(seller).getByText("Does it tick?").waitFor();
  await write(seller, "It does, and it runs 40 hours.\u{1F552}");
  await log(bidder).getByText("runs 40 hours").waitFor();
  await log(watcher).getByText("runs 40 hours").waitFor();
  assert.equal(await log(bidder).locator("img, a").count(), 0, "what people write is text");
  assert.equal(await log(bidder).getByText("(You)").count(), 1);
  assert.ok(!(await log(watcher).innerText()).includes("Ben Buyer"), "nobody's name is told");
  await watcher.getByRole("link", { name: "Sign in to chat" }).waitFor();
});

test("emoji by keyboard, a counter near the end, and a pill for what was missed", async () => {
  await bidder.getByRole("textbox", { name: "Message" }).fill("Nice ");
  await bidder.getByRole("button", { name: "Emoji" }).click();
  // The picker takes the focus a moment after it opens.
  await bidder.getByRole("toolbar", { name: "Emoji" }).locator("button:focus").waitFor();
  await bidder.keyboard.press("ArrowRight");
  await bidder.screenshot({ path: `${OUT}chat-emoji.png` });
  await bidder.keyboard.press("Enter");
  assert.equal(await bidder.getByRole("textbox", { name: "Message" }).inputValue(), "Nice \u{1F44F}");
  await bidder.getByRole("textbox", { name: "Message" }).fill("x".repeat(501));
  await bidder.getByText("501 of 500").waitFor();
  assert.ok(await bidder.getByRole("button", { name: "Send" }).isDisabled());
  for (let line = 1; line <= 25; line += 1) {
    await write(bidder, `Line ${line}\nof a longer talk`);
    await log(bidder).getByText(`Line ${line}\nof`, { exact: false }).waitFor();
    // A connection may send ten messages a second; nobody types faster.
    await bidder.waitForTimeout(120);
  }
  await log(seller).evaluate((element) => element.scrollTo({ top: 0 }));
  await write(bidder, "And one more");
  await seller.getByRole("button", { name: /1 new message/ }).click();
  await log(seller).getByText("And one more").waitFor();
});

test("the seller removes, mutes and bans; it holds at once", async () => {
  await log(seller).getByTestId("chat-line").last().getByRole("button", { name: /^Moderate/ }).click();
  await seller.getByRole("menuitem", { name: "Remove this message" }).click();
  await seller.getByRole("button", { name: "Remove", exact: true }).click();
  for (const page of [bidder, watcher]) await log(page).getByText("Message removed").waitFor();
  const menu = async (item) => {
    await log(seller).getByTestId("chat-line").filter({ hasText: "Line 25" }).getByRole("button", { name: /^Moderate/ }).click();
    await seller.getByRole("menuitem", { name: item }).click();
  };
  await menu("Mute for 10 minutes");
  await bidder.getByText(/You are muted until/).waitFor();
  await seller.screenshot({ path: `${OUT}chat-seller.png` });
  await seller.getByRole("button", { name: "Undo" }).click();
  await bidder.getByPlaceholder(/^Write as Bidder/).waitFor();
  await menu("Ban from this chat");
  await seller.getByRole("button", { name: "Ban", exact: true }).click();
  await bidder.getByText("You are banned from this chat").waitFor();
  await bidder.screenshot({ path: `${OUT}chat-banned.png` });
});

test("it fits a phone, dark too, and a latecomer reads what was said", async () => {
  assert.ok(await fitsItsWidth(watcher));
  await watcher.screenshot({ path: `${OUT}chat-phone-dark.png` });
  await watcher.reload();
  await log(watcher).getByText("It does, and it runs").waitFor();
  await bidder.emulateMedia({ colorScheme: "dark" });
  await bidder.screenshot({ path: `${OUT}chat-desktop-dark.png` });
  assert.deepEqual(complaints, []);
});
