import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { launch, person } from "./browser.mjs";
import { mailTo } from "./mailbox.mjs";

// BASE_URL: a running development server, which keeps its mail to be read.
const BASE = process.env.BASE_URL ?? "http://localhost:8000";
const OUT = fileURLToPath(new URL("../out/", import.meta.url));
const EMAIL = `ada-${Date.now()}@example.org`;
const PASSWORD = "a lamp over green baize";
const PHONE = { viewport: { width: 360, height: 740 }, colorScheme: "dark", hasTouch: true, isMobile: true };

const complaints = [];
let browser, desk, phone;

before(async () => {
  mkdirSync(OUT, { recursive: true });
  browser = await launch();
  // Chromium itself reports the refusals that this story provokes.
  const isRefusal = (url) => /\/api\/auth\/(verify-otp|password\/(reset|change)|sessions|refresh|me)$/.test(url);
  desk = await person(browser, complaints, {}, isRefusal);
  phone = await person(browser, complaints, PHONE, isRefusal);
});

after(() => browser?.close());

// Not `window.innerWidth`: a phone widens that to whatever does not fit.
const fitsThePhone = () => phone.evaluate((width) => document.documentElement.scrollWidth <= width, PHONE.viewport.width);
const code = async (count) => /^ {4}(\d{6})$/m.exec(await mailTo(BASE, EMAIL, count))[1];
const wrong = (digits) => String((Number(digits) + 1) % 1_000_000).padStart(6, "0");
const isSignedIn = (page) => page.getByTestId("account-menu").waitFor();
const isSignedOut = (page) => page.getByRole("link", { name: "Sign in" }).first().waitFor();

test("a newcomer registers by a code, by keyboard alone", async () => {
  await desk.goto(`${BASE}/ui/register`);
  await desk.getByLabel("Name").focus();
  await desk.keyboard.type("Ada Quill");
  await desk.keyboard.press("Tab");
  await desk.keyboard.type(EMAIL);
  await desk.screenshot({ path: `${OUT}register.png` });
  await desk.keyboard.press("Enter");
  await desk.getByRole("textbox", { name: "Code", exact: true }).waitFor();
  await desk.screenshot({ path: `${OUT}enter-code.png` });
  // The field has the focus, and the sixth digit sends the form.
  await desk.keyboard.type(await code(1));
  await isSignedIn(desk);
});

test("a phone signs in with a pasted code, after a wrong one was refused in words", async () => {
  await phone.goto(`${BASE}/ui/sign-in?next=%2Faccount`);
  await phone.getByLabel("E-mail").fill(EMAIL);
  assert.ok(await fitsThePhone());
  await phone.screenshot({ path: `${OUT}sign-in-phone-dark.png`, fullPage: true });
  await phone.getByRole("button", { name: "Send me a code" }).tap();
  const field = phone.getByRole("textbox", { name: "Code", exact: true });
  assert.equal(await field.getAttribute("autocomplete"), "one-time-code");
  assert.ok(await phone.getByRole("button", { name: /^New code in 0:/ }).isDisabled());
  const digits = await code(2);
  await field.fill(wrong(digits));
  await phone.getByText("Invalid or expired code").waitFor();
  await phone.screenshot({ path: `${OUT}wrong-code-phone-dark.png`, fullPage: true });
  await field.fill(` ${digits.slice(0, 3)} ${digits.slice(3)} `);
  await phone.getByRole("heading", { name: "Your account" }).waitFor();
});

test("the account lists both devices; ending one signs it out", async () => {
  await phone.getByText("This device").waitFor();
  await phone.getByText("Your account has no password").waitFor();
  assert.ok(await fitsThePhone());
  await phone.screenshot({ path: `${OUT}account-phone-dark.png`, fullPage: true });
  await phone.getByRole("button", { name: /^Sign out Chrome/ }).tap();
  await phone.getByRole("button", { name: /^Sign out Chrome/ }).waitFor({ state: "detached" });
  await desk.goto(`${BASE}/ui/account`);
  await isSignedOut(desk);
});

test("a link from a mail sets a password, once, and signs everybody out", async () => {
  await phone.getByRole("link", { name: "Set a password" }).tap();
  await phone.getByRole("button", { name: "Send me a link" }).tap();
  await phone.getByRole("heading", { level: 1, name: "Look into your mailbox" }).waitFor();
  await phone.screenshot({ path: `${OUT}forgot-phone-dark.png` });
  const link = /(http\S+\/ui\/reset-password#token=\S+)/.exec(await mailTo(BASE, EMAIL, 3))[1];
  await desk.goto(link);
  await desk.getByRole("textbox", { name: "New password" }).fill("short");
  await desk.getByRole("button", { name: "Set the password" }).click();
  await desk.getByText("Write at least 8 characters").waitFor();
  assert.ok(!desk.url().includes("token"), "the history does not keep the token");
  await desk.getByRole("textbox", { name: "New password" }).fill(PASSWORD);
  await desk.screenshot({ path: `${OUT}reset.png` });
  await desk.getByRole("button", { name: "Set the password" }).click();
  await desk.getByRole("heading", { level: 1, name: "Your password is set" }).waitFor();
  await phone.reload();
  await phone.goto(`${BASE}/ui/account`);
  await isSignedOut(phone);
  await phone.goto(link);
  await phone.getByRole("textbox", { name: "New password" }).fill(PASSWORD);
  await phone.getByRole("button", { name: "Set the password" }).tap();
  await phone.getByRole("heading", { level: 1, name: "This link does not work" }).waitFor();
});

test("the password is changed, and the name", async () => {
  await desk.getByRole("main").getByRole("link", { name: "Sign in" }).click();
  await desk.getByLabel("E-mail").fill(EMAIL);
  await desk.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
  await desk.screenshot({ path: `${OUT}sign-in-password.png` });
  await desk.getByRole("button", { name: "Sign in" }).click();
  await desk.getByTestId("account-menu").click();
  await desk.getByRole("menuitem", { name: "Your account" }).click();
  await desk.getByLabel("Name").fill("Ada Lovelace");
  await desk.getByRole("button", { name: "Save the name" }).click();
  await desk.getByRole("button", { name: "Account: Ada Lovelace" }).waitFor();
  await desk.getByRole("textbox", { name: "Current password" }).fill("not the password");
  await desk.getByRole("textbox", { name: "New password" }).fill(`${PASSWORD}, lit`);
  await desk.getByRole("button", { name: "Change the password" }).click();
  await desk.getByText("Is wrong").waitFor();
  await desk.getByRole("textbox", { name: "Current password" }).fill(PASSWORD);
  await desk.getByRole("button", { name: "Change the password" }).click();
  await desk.getByText("Your password was changed").waitFor();
  await desk.screenshot({ path: `${OUT}account.png`, fullPage: true });
  assert.match(await mailTo(BASE, EMAIL, 5), /Your password was changed/);
});

test("signing out everywhere ends this device too", async () => {
  await desk.getByRole("button", { name: "Sign out everywhere" }).click();
  await desk.getByRole("dialog").getByRole("button", { name: "Sign out everywhere" }).click();
  await isSignedOut(desk);
  await desk.reload();
  await isSignedOut(desk);
});

test("no page complained", () => assert.deepEqual(complaints, []));
