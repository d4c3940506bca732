import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { barriers } from "./accessibility.mjs";
import { fitsItsWidth, launch, person } from "./browser.mjs";
import { Publisher } from "./publisher.mjs";

// A host asks for a channel, gets it, goes live on it, and the statistics tell of it.
// BASE_URL: a running server; ADMIN_EMAIL and ADMIN_PASSWORD: its administrator.
const BASE = process.env.BASE_URL ?? "http://localhost:8000";
const { ADMIN_EMAIL, ADMIN_PASSWORD } = process.env;
const OUT = fileURLToPath(new URL("../out/", import.meta.url));
const RUN = Date.now();
const PASSWORD = "a lamp over green baize";
const EMAIL = `nora-${RUN}@example.org`;
const CHANNEL = `Harbour radio ${RUN}`;
const SHOW = "The tide at nine";
const PICTURE_TIMEOUT_MS = 20_000;
// From the end of a session to the end of the stream: the provider cuts, the server hears of it, the pages are told.
const OFF_AIR_TIMEOUT_MS = 20_000;

const complaints = [];
// Chromium reports the answers that this story provokes: no channel yet or any more, a window that overlaps, no picture off air
// or before its first keyframe.
const isExpected = (url) =>
  /\/hosts\/[^/]+\/channel$|\/bookings$|\.m3u8|\/api\/channels\/[^/]+$|\/admin\/channels\/[^/]+$|\/thumbnail\.jpg/.test(url);
let browser, admin, host, viewer, publisher, token, channelId;

before(async () => {
  mkdirSync(OUT, { recursive: true });
  browser = await launch();
  admin = await person(browser, complaints, {}, isExpected);
  host = await person(browser, complaints, {}, isExpected);
  viewer = await person(browser, complaints, {
    viewport: { width: 390, height: 800 }, deviceScaleFactor: 2, colorScheme: "dark", hasTouch: true,
  }, isExpected);
  token = (await call("POST", "/api/auth/login", { email: ADMIN_EMAIL, password: ADMIN_PASSWORD })).access_token;
  await call("POST", "/api/users", { name: "Nora Quay", email: EMAIL, password: PASSWORD, roles: ["member", "host"] });
  await signIn(admin, ADMIN_EMAIL, ADMIN_PASSWORD);
  await signIn(host, EMAIL, PASSWORD);
});

after(async () => {
  await publisher?.stop();
  await browser?.close();
});

/** Asks the API, as the administrator unless `as` is somebody else's token. */
async function call(method, path, body, as = token) {
  const headers = { ...(body ? { "content-type": "application/json" } : {}), ...(as ? { authorization: `Bearer ${as}` } : {}) };
  const response = await fetch(BASE + path, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
  const answer = await response.json();
  assert.ok(response.ok, `${method} ${path}: ${response.status} ${JSON.stringify(answer)}`);
  return answer;
}

async function signIn(page, email, password) {
  await page.goto(`${BASE}/ui/sign-in`);
  await page.getByText("With a password").click();
  await page.getByLabel("E-mail").fill(email);
  await page.getByRole("textbox", { name: "Password" }).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByTestId("account-menu").waitFor();
}

const isPlaying = (page) =>
  page.locator('[data-testid="player"][data-phase="playing"]').waitFor({ timeout: PICTURE_TIMEOUT_MS });
const stepIs = (key, state) =>
  host.locator(`[data-testid="step-${key}"][data-state="${state}"]`).waitFor({ timeout: PICTURE_TIMEOUT_MS });
const card = () => admin.getByTestId("channel-card").filter({ hasText: CHANNEL });
const dialog = (page) => page.getByRole("dialog");
const dialogIsGone = (page) => dialog(page).waitFor({ state: "detached" });

test("a host without a channel is told how to get one, and asks for it for a group", async () => {
  await host.getByRole("link", { name: "My channel" }).click();
  await host.getByRole("heading", { name: "You have no channel yet" }).waitFor();
  await host.getByRole("link", { name: "Your groups" }).waitFor();
  assert.deepEqual(await barriers(host), []);
  // The pages of groups have a story of their own.
  const own = await call("POST", "/api/auth/login", { email: EMAIL, password: PASSWORD });
  const groups = `/users/${own.user.id}/groups`;
  const { group } = await call("POST", groups, { name: `Harbour ${RUN}` }, own.access_token);
  const asked = { proposedName: CHANNEL, note: "Every evening, when the boats come in." };
  await call("POST", `${groups}/${group.groupId}/channel-requests`, asked, own.access_token);
});

test("an administrator sees the request and approves it by keyboard alone", async () => {
  await admin.getByRole("link", { name: "Channels", exact: true }).click();
  const request = admin.getByTestId("channel-request").filter({ hasText: CHANNEL });
  await request.getByText("Every evening, when the boats come in.").waitFor();
  await admin.getByTestId("capacity").waitFor();
  assert.deepEqual(await barriers(admin), []);
  await admin.screenshot({ path: `${OUT}channels-request.png`, fullPage: true });
  await admin.getByRole("button", { name: `Approve ${CHANNEL}` }).press("Enter");
  await dialog(admin).getByRole("heading", { name: "Approve this request?" }).waitFor();
  assert.deepEqual(await barriers(admin), []);
  await admin.waitForFunction(() => document.activeElement?.textContent === "Approve and create");
  await admin.keyboard.press("Enter");
  await dialogIsGone(admin);
  await request.waitFor({ state: "detached" });
  await card().getByText("Nora Quay").waitFor();
  assert.equal(await card().getByTestId("channel-badge").innerText(), "Idle");
});

test("the host is told, and the page that was open becomes a checklist of what is missing", async () => {
  await host.getByRole("heading", { name: CHANNEL, level: 1 }).waitFor();
  for (const [key, state] of [["channel", "done"], ["free", "done"], ["stream", "open"], ["picture", "open"], ["session", "open"]]) {
    await stepIs(key, state);
  }
  await host.getByTestId("bell").click();
  await host.getByTestId("notification").first().waitFor();
  await host.keyboard.press("Escape");
  assert.deepEqual(await barriers(host), []);
  channelId = (await host.getByTestId("watch-url").innerText()).split("/").at(-1);
});

test("anybody may wait on the watch page", async () => {
  await viewer.goto(`${BASE}/ui/watch/${channelId}`);
  await viewer.getByText("Nobody is on air").waitFor();
  assert.ok(await fitsItsWidth(viewer), "the watch page is wider than the phone");
  assert.deepEqual(await barriers(viewer), []);
  await viewer.screenshot({ path: `${OUT}watch-waiting-phone-dark.png` });
});

test("a session for a new show takes the channel, for everybody to see", async () => {
  await host.getByLabel("Title of your show").fill(SHOW);
  await host.getByRole("button", { name: "Create show" }).click();
  await host.getByRole("button", { name: "Start session" }).click();
  await host.getByTestId("session-running").waitFor();
  await stepIs("session", "done");
  await viewer.getByText("It is about to begin").waitFor();
  await card().locator('[data-tone="live"]').waitFor();
  await card().getByText("In use, no picture yet").waitFor();
});

test("the host goes live with the revealed key, and the viewer's picture starts by itself", async () => {
  await host.getByRole("button", { name: "Reveal server and key" }).click();
  const server = await host.getByTestId("obs-server").innerText();
  assert.match(await host.getByTestId("obs-key").innerText(), /^•+$/);
  await host.getByRole("button", { name: "Show the key" }).click();
  const key = await host.getByTestId("obs-key").innerText();
  await host.getByRole("button", { name: "Hide the key" }).click();
  publisher = new Publisher(server + key);
  await isPlaying(viewer);
  await viewer.getByTestId("live-badge").waitFor();
  await isPlaying(host);
  await stepIs("stream", "done");
  await card().getByText("On air", { exact: true }).waitFor();
  await viewer.screenshot({ path: `${OUT}watch-live-phone-dark.png` });
});

test("the stream's health is measured and told in words", async () => {
  await host.getByText("Video bitrate").waitFor({ timeout: PICTURE_TIMEOUT_MS });
  assert.ok(await fitsItsWidth(host), "the host's page is wider than its window");
  await host.screenshot({ path: `${OUT}my-channel.png`, fullPage: true });
});

test("the channel's page shows its host, its picture and its calendar", async () => {
  await card().getByRole("link", { name: CHANNEL, exact: true }).click();
  await admin.getByRole("heading", { name: CHANNEL, level: 1 }).waitFor();
  await isPlaying(admin);
  await admin.getByText("Keyframe interval", { exact: true }).waitFor({ timeout: PICTURE_TIMEOUT_MS });
  await admin.getByTestId("broadcast").getByText("On air now").waitFor();
  for (const text of ["Next window", "Second window"]) {
    await admin.getByRole("button", { name: "Book a window" }).click();
    await dialog(admin).getByLabel("Note").fill(text);
    await dialog(admin).getByRole("button", { name: "Book", exact: true }).click();
    if (text === "Next window") await dialogIsGone(admin);
  }
  await dialog(admin).getByText("Booking overlaps another one: Nora Quay").waitFor();
  assert.deepEqual(await barriers(admin), []);
  await admin.keyboard.press("Escape");
  await dialogIsGone(admin);
  await admin.screenshot({ path: `${OUT}channel.png`, fullPage: true });
  // At midnight the window is on the next page of the calendar.
  const removals = admin.getByRole("button", { name: /^Remove the window of Nora Quay/ });
  if (await removals.count() === 0) await admin.getByRole("button", { name: "Next week" }).click();
  await removals.first().click();
  await dialog(admin).getByRole("button", { name: "Remove" }).click();
  await dialogIsGone(admin);
  await admin.getByText("Nothing is booked ahead").waitFor();
  assert.deepEqual(await barriers(admin), []);
});

test("a live channel is neither deleted nor switched off by accident", async () => {
  await admin.getByRole("button", { name: "Actions" }).click();
  await admin.getByRole("menuitem", { name: "Delete" }).click();
  await dialog(admin).getByLabel(/Type delete/).fill("delete");
  await dialog(admin).getByRole("button", { name: "Delete for good" }).click();
  await dialog(admin).getByText(/^Channel is (live|assigned)/).waitFor();
  await admin.keyboard.press("Escape");
  await dialogIsGone(admin);
  await admin.getByRole("button", { name: "Actions" }).click();
  await admin.getByRole("menuitem", { name: "Switch off" }).click();
  assert.ok(await dialog(admin).getByRole("button", { name: "Switch it off" }).isDisabled());
  await admin.keyboard.press("Escape");
  await dialogIsGone(admin);
});

test("ending the session stops the stream, for everybody to see", async () => {
  await host.getByRole("button", { name: "End session" }).click();
  await dialog(host).getByLabel("Stop the stream as well").waitFor();
  await dialog(host).getByRole("button", { name: "End it" }).click();
  await dialogIsGone(host);
  await publisher.ended;
  await host.getByRole("button", { name: "Start session" }).waitFor();
  await viewer.getByText(/The broadcast has ended|Nobody is on air/).waitFor({ timeout: OFF_AIR_TIMEOUT_MS });
  await admin.getByTestId("channel-badge").getByText("Idle").waitFor({ timeout: OFF_AIR_TIMEOUT_MS });
});

test("the statistics tell of one broadcast", async () => {
  const stats = await call("GET", `/admin/channels/${channelId}/stats`);
  assert.equal(stats.totalBroadcasts, 1);
  assert.equal(stats.currentState, "IDLE");
  await admin.reload();
  await admin.getByTestId("broadcast").waitFor();
  assert.equal(await admin.getByTestId("broadcast").count(), 1);
  for (const kind of ["session_started", "broadcast_started", "broadcast_ended", "session_ended"]) {
    await admin.locator(`[data-testid="timeline-entry"][data-kind="${kind}"]`).first().waitFor();
  }
  await admin.screenshot({ path: `${OUT}channel-after.png`, fullPage: true });
});

test("pages fit a phone in the dark", async () => {
  await admin.setViewportSize({ width: 390, height: 800 });
  await admin.emulateMedia({ colorScheme: "dark" });
  for (const path of ["/ui/channels", `/ui/channels/${channelId}`]) {
    await admin.goto(BASE + path);
    await admin.getByTestId("channel-badge").first().waitFor();
    assert.ok(await fitsItsWidth(admin), `${path} is wider than the phone`);
    assert.deepEqual(await barriers(admin), []);
    await admin.screenshot({ path: `${OUT}${path.split("/").length === 3 ? "channels" : "channel"}-phone-dark.png`, fullPage: true });
  }
  await admin.setViewportSize({ width: 1280, height: 860 });
  await admin.emulateMedia({ colorScheme: "light" });
});

test("the host loses the channel, and the channel goes for good", async () => {
  await admin.getByRole("button", { name: "Unassign Nora Quay" }).click();
  await dialog(admin).getByRole("button", { name: "Unassign" }).click();
  await dialogIsGone(admin);
  await admin.getByText("Nobody yet.").waitFor();
  await host.reload();
  await host.getByRole("heading", { name: "You have no channel yet" }).waitFor();
  await admin.getByRole("button", { name: "Actions" }).click();
  await admin.getByRole("menuitem", { name: "Delete" }).click();
  await dialog(admin).getByLabel(/Type delete/).fill("delete");
  await dialog(admin).getByRole("button", { name: "Delete for good" }).click();
  await admin.waitForURL(/\/ui\/channels$/);
  await card().waitFor({ state: "detached" });
  await viewer.reload();
  await viewer.getByRole("heading", { level: 1 }).waitFor();
  assert.equal(await viewer.getByTestId("player").count(), 0);
});

test("nobody's console complained", () => assert.deepEqual(complaints, []));
