// Amazon's own chat client for browsers, unmodified, in Chromium: BASE_URL, CHAT_URL and the AWS_* variables say where the
// server is; see scripts/stories.

import assert from "node:assert/strict";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { launch, person } from "./browser.mjs";

const { Ivschat } = createRequire(new URL("../aws/package.json", import.meta.url))("@aws-sdk/client-ivschat");
const MODULES = fileURLToPath(new URL("node_modules/", import.meta.url));
const ALL = ["SEND_MESSAGE", "DELETE_MESSAGE", "DISCONNECT_USER"];
const PAGE = `<!doctype html><title>chat</title><link rel="icon" href="data:,"><script type="importmap">{"imports": {
  "amazon-ivs-chat-messaging": "/amazon-ivs-chat-messaging/dist/esm/index.js",
  "uuid": "/uuid/dist/esm-browser/index.js"
}}</script>`;

const complaints = [];
let chat, room, files, address, browser, host, guest;

before(async () => {
  chat = new Ivschat({ region: process.env.AWS_REGION ?? "us-east-1" });
  room = (await chat.createRoom({ name: "browser" })).arn;
  files = createServer(serve).listen(0, "127.0.0.1");
  await once(files, "listening");
  address = `http://127.0.0.1:${files.address().port}/`;
  browser = await launch();
  host = await visitor("host", ALL);
  guest = await visitor("guest", ["SEND_MESSAGE"]);
});

after(async () => {
  await browser?.close();
  files?.close();
  await chat.deleteRoom({ identifier: room }).catch(() => {});
});

async function serve(request, response) {
  if (request.url === "/") return response.setHeader("content-type", "text/html").end(PAGE);
  // Within this folder: URL has resolved every "..".
  const { pathname } = new URL(request.url, address);
  const script = await readFile(MODULES + pathname).catch(() => undefined);
  response.statusCode = script ? 200 : 404;
  response.setHeader("content-type", "text/javascript").end(script);
}

const token = (userId, capabilities) =>
  chat.createChatToken({ roomIdentifier: room, userId, capabilities, attributes: { username: `The ${userId}` } });

/** A page whose `room` is the client's, and whose `heard` is everything it was told. */
async function visitor(userId, capabilities) {
  // Chromium itself reports every refused connection, and some of these are refused on purpose.
  const page = await person(browser, complaints, {}, (url) => url.includes("chat"));
  await page.goto(address);
  await page.exposeFunction("freshToken", () => token(userId, capabilities));
  await page.evaluate(async (url) => {
    const sdk = await import("amazon-ivs-chat-messaging");
    const tokenProvider = async () => window.nextToken ?? (await window.freshToken());
    const room = new sdk.ChatRoom({ regionOrUrl: url, tokenProvider, maxReconnectAttempts: 1 });
    const heard = [];
    for (const name of ["connect", "disconnect", "message", "messageDelete", "event", "userDisconnect"]) {
      room.addListener(name, (told) => heard.push({ name, told }));
    }
    Object.assign(window, { sdk, room, heard });
  }, process.env.CHAT_URL);
  return page;
}

/** The first thing of this name that the page has not shown to a test before. */
async function hears(page, name) {
  const found = await page.waitForFunction((wanted) => {
    const index = window.heard.findIndex((each) => each.name === wanted);
    return index >= 0 && { told: window.heard.splice(index, 1)[0].told };
  }, name);
  return (await found.jsonValue()).told;
}

const connect = (page) => page.evaluate(() => window.room.connect());
const say = (page, text) => page.evaluate((content) => window.room.sendMessage(new window.sdk.SendMessageRequest(content)), text);

test("two people connect and read each other", async () => {
  for (const page of [host, guest]) {
    await connect(page);
    await hears(page, "connect");
  }
  const sent = await say(guest, "Grüße 🎉 <b>");
  for (const page of [host, guest]) {
    const message = await hears(page, "message");
    assert.deepEqual([message.id, message.content], [sent.id, "Grüße 🎉 <b>"]);
    assert.deepEqual(message.sender, { userId: "guest", attributes: { username: "The guest" } });
    assert.ok(Math.abs(Date.now() - new Date(message.sendTime)) < 60_000);
  }
});

test("events of the backend arrive", async () => {
  await chat.sendEvent({ roomIdentifier: room, eventName: "sold", attributes: { price: "125.50" } });
  for (const page of [host, guest]) {
    const { eventName, attributes } = await hears(page, "event");
    assert.deepEqual([eventName, attributes], ["sold", { price: "125.50" }]);
  }
});

test("a moderator takes a message back; a guest may not", async () => {
  const { id } = await say(guest, "spam");
  const refused = await guest.evaluate(
    (id) => window.room.deleteMessage(new window.sdk.DeleteMessageRequest(id)).catch((error) => error.errorCode), id);
  assert.equal(refused, 403);
  await host.evaluate((id) => window.room.deleteMessage(new window.sdk.DeleteMessageRequest(id, "rude")), id);
  for (const page of [host, guest]) {
    const { messageId, reason } = await hears(page, "messageDelete");
    assert.deepEqual([messageId, reason], [id, "rude"]);
  }
});

test("a limit is an error with its number, and the connection lives on", async () => {
  const code = (page, text) =>
    page.evaluate((content) => window.room.sendMessage(new window.sdk.SendMessageRequest(content)).catch((e) => e.errorCode), text);
  assert.equal(await code(guest, "x".repeat(501)), 413);
  await chat.updateRoom({ identifier: room, maximumMessageRatePerSecond: 1 });
  const answers = await guest.evaluate(() => Promise.all([1, 2, 3].map((n) =>
    window.room.sendMessage(new window.sdk.SendMessageRequest(`${n}`)).then(() => "sent", (e) => e.errorCode))));
  assert.ok(answers.includes(429), `${answers}`);
  await chat.updateRoom({ identifier: room, maximumMessageRatePerSecond: 10 });
  assert.equal((await say(guest, "still here")).content, "still here");
});

test("a moderator shows a guest out, who may come back with another token", async () => {
  await host.evaluate(() => window.room.disconnectUser(new window.sdk.DisconnectUserRequest("guest", "rude")));
  const { userId, reason } = await hears(host, "userDisconnect");
  assert.deepEqual([userId, reason], ["guest", "rude"]);
  await hears(guest, "disconnect");
  await connect(guest);
  await hears(guest, "connect");
  assert.equal((await say(guest, "sorry")).content, "sorry");
});

test("a bad token is refused, and a used one", async () => {
  const used = await token("stranger", []);
  const stranger = await visitor("stranger", []);
  await stranger.evaluate((each) => (window.nextToken = each), used);
  await connect(stranger);
  await hears(stranger, "connect");
  await stranger.evaluate(() => window.room.disconnect());
  await hears(stranger, "disconnect");
  for (const wrong of [used, { ...used, token: "nonsense" }]) {
    await stranger.evaluate((each) => (window.nextToken = each), wrong);
    await connect(stranger);
    await hears(stranger, "disconnect");
    assert.equal(await stranger.evaluate(() => window.room.state), "disconnected");
    assert.ok(!(await stranger.evaluate(() => window.heard.some(({ name }) => name === "connect"))));
  }
});

test("a deleted room ends its connections", async () => {
  await chat.deleteRoom({ identifier: room });
  for (const page of [host, guest]) await hears(page, "disconnect");
});

test("nobody's console complained", () => assert.deepEqual(complaints, []));
