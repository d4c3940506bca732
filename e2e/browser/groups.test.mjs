import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { barriers } from "./accessibility.mjs";
import { fitsItsWidth, launch, person } from "./browser.mjs";

// BASE_URL: a running server; ADMIN_EMAIL and ADMIN_PASSWORD: its administrator.
const BASE = process.env.BASE_URL ?? "http://localhost:8000";
const { ADMIN_EMAIL, ADMIN_PASSWORD } = process.env;
const OUT = fileURLToPath(new URL("../out/", import.meta.url));
const EMAIL = `vera-${Date.now()}@example.org`;
const PASSWORD = "seven in the morning";
const NAME = `Morning shows ${Date.now()}`;
const REASON = "The pool is for daily programmes. Come back with a plan for the week.";

const complaints = [];
let browser, manager, admin, folder, groupUrl;

before(async () => {
  mkdirSync(OUT, { recursive: true });
  folder = mkdtempSync(join(tmpdir(), "rostrum-groups-"));
  browser = await launch();
  // Chromium itself reports the refused picture that this story provokes.
  manager = await person(browser, complaints, {}, 
    // A picture that is refused, and a host who has no channel yet: the answer is an error, the page is right.
    (url) => url.endsWith("/image") || /\/hosts\/[^/]+\/channel$/.test(url));
  admin = await person(browser, complaints);
  await manager.goto(`${BASE}/ui/register`);
  await manager.getByText("With a password").click();
  await manager.getByLabel("Name").fill("Vera Dawn");
  await manager.getByLabel("E-mail").fill(EMAIL);
  await manager.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
  await manager.getByRole("button", { name: "Create account" }).click();
  await manager.getByTestId("account-menu").waitFor();
  await signIn(admin, ADMIN_EMAIL, ADMIN_PASSWORD);
});

after(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

async function signIn(page, email, password) {
  await page.goto(`${BASE}/ui/sign-in`);
  await page.getByText("With a password").click();
  await page.getByLabel("E-mail").fill(email);
  await page.getByRole("textbox", { name: "Password" }).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByTestId("account-menu").waitFor();
}

/** The administrator's answer to a request of the API, called as the page's own scripts would. */
function asAdmin(method, path, body) {
  return admin.evaluate(async ([method, path, body]) => {
    const { access_token } = await (await fetch("/api/auth/refresh", { method: "POST" })).json();
    const headers = { authorization: `Bearer ${access_token}` };
    const content = body ? { body: JSON.stringify(body), headers: { ...headers, "content-type": "application/json" } } : { headers };
    const answer = await fetch(path, { method, ...content });
    return { status: answer.status, body: await answer.json() };
  }, [method, path, body]);
}

const panel = () => manager.getByTestId("channel-panel");
const dialog = () => manager.getByRole("dialog");
const dialogIsGone = () => dialog().waitFor({ state: "detached" });
const programmes = () => manager.getByTestId("programs").getByRole("listitem");
const titles = () => programmes().locator("bdi").allInnerTexts();

test("an empty list says what groups are for and makes the first one, by keyboard alone", async () => {
  await manager.goto(`${BASE}/ui/groups`);
  await manager.getByRole("heading", { name: "No group yet" }).waitFor();
  assert.deepEqual(await barriers(manager), []);
  await manager.screenshot({ path: join(OUT, "groups-empty.png"), fullPage: true });
  await manager.getByRole("button", { name: "Create a group" }).focus();
  await manager.keyboard.press("Enter");
  await manager.getByRole("dialog").waitFor();
  await manager.waitForFunction(() => document.activeElement?.tagName === "INPUT");
  await manager.keyboard.press("Enter");
  await dialog().getByText("Give the group a name").waitFor();
  await manager.keyboard.type(NAME);
  await manager.keyboard.press("Enter");
  await manager.waitForURL(/\/groups\/[0-9a-f-]{36}$/);
  await manager.getByRole("heading", { name: NAME, level: 1 }).waitFor();
  groupUrl = manager.url();
});

test("what is typed is not lost by leaving, and is kept once saved", async () => {
  await manager.getByRole("textbox", { name: "Description" }).fill("Two hours of news and guests");
  await manager.getByRole("combobox", { name: "Tags" }).fill("news");
  await manager.keyboard.press("Enter");
  await manager.getByRole("link", { name: "Groups", exact: true }).click();
  await dialog().getByRole("heading", { name: "Leave without saving?" }).waitFor();
  await manager.keyboard.press("Escape");
  await dialogIsGone();
  assert.equal(manager.url(), groupUrl);
  await manager.getByRole("button", { name: "Save changes" }).click();
  await manager.getByText("Saved", { exact: true }).waitFor();
  await manager.getByRole("link", { name: "Groups", exact: true }).click();
  await manager.waitForURL(/\/ui\/groups$/);
  await manager.getByTestId("group-card").click();
  await manager.getByRole("textbox", { name: "Description" }).waitFor();
  assert.equal(await manager.getByRole("textbox", { name: "Description" }).inputValue(), "Two hours of news and guests");
});

test("a picture is sent, shown and replaced; what is none is refused in words", async () => {
  const photograph = (colour) => {
    const path = join(folder, `${colour}.jpg`);
    execFileSync("ffmpeg", ["-loglevel", "error", "-nostdin", "-f", "lavfi", "-i", `color=${colour}:size=1280x720`, "-frames:v", "1", path]);
    return path;
  };
  const shown = () => manager.getByTestId("group-picture").locator("img").getAttribute("src");
  const isKept = (before) => manager.waitForFunction((before) => {
    const src = document.querySelector('[data-testid="group-picture"] img')?.getAttribute("src") ?? "";
    return src.startsWith("/api/images/") && src !== before;
  }, before);
  await manager.getByTestId("picture-input").setInputFiles(photograph("darkorange"));
  await isKept("");
  const first = await shown();
  await manager.getByTestId("picture-input").setInputFiles(photograph("steelblue"));
  await isKept(first);
  const second = await shown();
  await manager.getByTestId("picture-input").setInputFiles({ name: "x.jpg", mimeType: "image/jpeg", buffer: Buffer.from("<script>") });
  await manager.getByText("Must be a JPEG, PNG, WebP or GIF file").waitFor();
  assert.equal(await shown(), second);
});

test("programmes are added, edited, put in order by keyboard, and removed", async () => {
  for (const [title, length] of [["Headlines", "5"], ["The guest", "45:30"], ["Weather", "3"]]) {
    await manager.getByRole("button", { name: "Add a programme" }).click();
    await dialog().getByLabel("Title").fill(title);
    await dialog().getByLabel("Length").fill(length);
    await dialog().getByRole("button", { name: "Add" }).click();
    await dialogIsGone();
  }
  await programmes().nth(2).waitFor();
  assert.deepEqual(await titles(), ["Headlines", "The guest", "Weather"]);
  const answered = manager.waitForResponse((response) => response.url().endsWith("/programs/order"));
  await manager.getByRole("button", { name: "Move Weather up" }).press("Enter");
  assert.equal((await answered).status(), 200);
  await manager.getByRole("button", { name: "Edit The guest" }).click();
  await dialog().getByLabel("Address of the video").fill("example.org/guest");
  await dialog().getByRole("button", { name: "Save" }).click();
  await dialog().getByText("Write an address that begins with http:// or https://").waitFor();
  await dialog().getByLabel("Address of the video").fill("https://example.org/guest.m3u8");
  await dialog().getByRole("button", { name: "Save" }).click();
  await dialogIsGone();
  await manager.getByRole("button", { name: "Remove Headlines" }).click();
  await dialog().getByRole("button", { name: "Remove", exact: true }).click();
  await dialogIsGone();
  await manager.reload();
  await programmes().nth(1).waitFor();
  assert.deepEqual(await titles(), ["Weather", "The guest"]);
  assert.match(await programmes().nth(1).innerText(), /45:30[\s\S]*https:\/\/example\.org\/guest\.m3u8/);
  await manager.getByText("2 programmes").waitFor();
});

async function ask(button, name, note) {
  await panel().getByRole("button", { name: button }).click();
  await dialog().getByLabel("Name of the channel").fill(name);
  await dialog().getByLabel("Note").fill(note);
  await dialog().getByRole("button", { name: "Send the request" }).click();
  await dialogIsGone();
  await panel().getByText("Waiting for approval").waitFor();
}

test("a channel is asked for, the request withdrawn, and asked for again", async () => {
  await ask("Create channel from group", "Dawn", "Every day");
  await panel().getByRole("button", { name: "Withdraw the request" }).click();
  await dialog().getByRole("button", { name: "Withdraw", exact: true }).click();
  await dialogIsGone();
  await panel().getByRole("button", { name: "Create channel from group" }).waitFor();
  await ask("Create channel from group", "Dawn TV", "Weekdays at seven, two hours");
  await manager.screenshot({ path: join(OUT, "group-pending.png"), fullPage: true });
  const { body } = await asAdmin("GET", "/admin/channel-requests?status=PENDING");
  const mine = body.requests.filter(({ groupName }) => groupName === NAME);
  assert.deepEqual(mine.map(({ proposedName, note }) => [proposedName, note]), [["Dawn TV", "Weekdays at seven, two hours"]]);
});

test("an administrator is told, and rejects with a reason that the manager reads without a reload", async () => {
  await admin.goto(`${BASE}/ui/notifications`);
  // That of the request which was withdrawn counts as read.
  const told = admin.getByTestId("notification").filter({ hasText: NAME });
  await told.getByRole("link", { name: /^Unread/ }).click();
  await admin.waitForURL(/\/ui\/channels/);
  const { body } = await asAdmin("GET", "/admin/channel-requests?status=PENDING");
  const request = body.requests.find(({ groupName }) => groupName === NAME);
  const answer = await asAdmin("POST", `/admin/channel-requests/${request.requestId}/reject`, { reason: REASON });
  assert.equal(answer.status, 200);
  await panel().getByText("Request rejected").waitFor();
  await panel().getByText(REASON).waitFor();
  await manager.screenshot({ path: join(OUT, "group-rejected.png"), fullPage: true });
  await manager.goto(`${BASE}/ui/notifications`);
  await manager.getByTestId("notification").first().getByRole("link").click();
  await manager.waitForURL(groupUrl);
  await panel().getByText(REASON).waitFor();
});

test("asking again starts from what was said, and an approval leads to the channel", async () => {
  await panel().getByRole("button", { name: "Ask again" }).click();
  assert.equal(await dialog().getByLabel("Name of the channel").inputValue(), "Dawn TV");
  assert.equal(await dialog().getByLabel("Note").inputValue(), "Weekdays at seven, two hours");
  await dialog().getByLabel("Note").fill("Here is the plan for the week");
  await dialog().getByRole("button", { name: "Send the request" }).click();
  await dialogIsGone();
  await panel().getByText("Waiting for approval").waitFor();
  const { body } = await asAdmin("GET", "/admin/channel-requests?status=PENDING");
  const request = body.requests.find(({ groupName }) => groupName === NAME);
  const answer = await asAdmin("POST", `/admin/channel-requests/${request.requestId}/approve`);
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  await panel().getByText("Has a channel").waitFor();
  await panel().getByRole("link", { name: "Go to my channel" }).click();
  await manager.waitForURL(/\/ui\/my-channel$/);
  // Room for the next story.
  const { channelId } = answer.body.channel;
  await asAdmin("DELETE", `/admin/channels/${channelId}/assign/${request.ownerId}`);
  assert.equal((await asAdmin("DELETE", `/admin/channels/${channelId}`)).status, 200);
});

for (const [name, options] of [
  ["desktop", {}],
  ["phone", { viewport: { width: 390, height: 844 }, hasTouch: true }],
  ["dark", { colorScheme: "dark" }],
]) {
  test(`the pages keep nobody out (${name})`, async () => {
    const page = await person(browser, complaints, options);
    await signIn(page, EMAIL, PASSWORD);
    for (const [file, url, heading] of [["groups", `${BASE}/ui/groups`, "Groups"], ["group", groupUrl, NAME]]) {
      await page.goto(url);
      await page.getByRole("heading", { name: heading, level: 1 }).waitFor();
      await page.getByText("2 programmes").first().waitFor();
      await page.screenshot({ path: join(OUT, `${file}-${name}.png`), fullPage: true });
      assert.ok(await fitsItsWidth(page), `${file} is wider than its window`);
      assert.deepEqual(await barriers(page), [], file);
    }
    await page.context().close();
  });
}

test("nobody's console complained", () => {
  assert.deepEqual(complaints, []);
});
