import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { barriers } from "./accessibility.mjs";
import { fitsItsWidth, launch, person } from "./browser.mjs";

// BASE_URL: a running server; ADMIN_EMAIL and ADMIN_PASSWORD: its only administrator.
const BASE = process.env.BASE_URL ?? "http://localhost:8000";
const { ADMIN_EMAIL, ADMIN_PASSWORD } = process.env;
const OUT = fileURLToPath(new URL("../out/", import.meta.url));
const NAME = `Nell ${Date.now()}`;
const EMAIL = `nell-${Date.now()}@example.org`;
const PASSWORD = "a bell in the tower";
const SECTIONS = ["people", "roles", "keys", "leaks", "mail"];

const complaints = [];
let browser, admin;

before(async () => {
  mkdirSync(OUT, { recursive: true });
  browser = await launch();
  // Chromium itself reports that the last administrator's role was not taken.
  admin = await person(browser, complaints, {}, (url) => url.endsWith("/roles"));
  await signIn(admin, ADMIN_EMAIL, ADMIN_PASSWORD);
});

after(() => browser?.close());

async function signIn(page, email, password) {
  await page.goto(`${BASE}/ui/sign-in?next=%2Fadmin`);
  await page.getByText("With a password").click();
  await page.getByLabel("E-mail").fill(email);
  await page.getByRole("textbox", { name: "Password" }).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByTestId("account-menu").waitFor();
}

const people = () => admin.getByRole("list", { name: "People" }).getByRole("listitem");
const dialog = () => admin.getByRole("dialog");
const found = (count) => admin.waitForFunction(
  (count) => document.querySelectorAll('ul[aria-label="People"] > li').length === count, count);

async function changeRoles(email, change) {
  await admin.goto(`${BASE}/ui/admin/people?q=${encodeURIComponent(email)}`);
  await people().filter({ hasText: email }).getByRole("button", { name: /^Change roles/ }).click();
  await change(dialog());
}

test("a person is added, found by typing, and becomes a host at once", async () => {
  await admin.waitForURL(/\/admin\/people$/);
  await admin.getByRole("button", { name: "Add a person" }).click();
  await dialog().getByLabel("Name").fill(NAME);
  await dialog().getByLabel("E-mail").fill(EMAIL);
  await dialog().getByRole("textbox", { name: "Password" }).fill(PASSWORD);
  await dialog().getByRole("button", { name: "Add", exact: true }).click();
  await dialog().waitFor({ state: "detached" });
  await admin.getByRole("searchbox").fill(`${NAME.toLowerCase()} example`);
  await admin.waitForURL(/q=nell/);
  await found(1);
  assert.match(await people().first().innerText(), new RegExp(`${NAME}[\\s\\S]*member`));
  await admin.getByRole("searchbox").fill("nobody is called this");
  await admin.getByText("Nobody’s name or address has").waitFor();
  await changeRoles(EMAIL, async (form) => {
    await form.getByRole("checkbox", { name: "host" }).check();
    await form.getByRole("button", { name: "Save" }).click();
    await form.waitFor({ state: "detached" });
  });
  await people().filter({ hasText: "host" }).waitFor();
});

test("who takes the own role is asked first, and the last administrator keeps it", async () => {
  await changeRoles(ADMIN_EMAIL, async (form) => {
    await form.getByRole("checkbox", { name: "admin" }).uncheck();
    await form.getByText("Choose at least one role").waitFor();
    await form.getByRole("checkbox", { name: "host" }).check();
    await form.getByRole("button", { name: "Save" }).click();
    await form.getByText("This takes the administrator’s role from yourself").waitFor();
    await admin.screenshot({ path: join(OUT, "admin-own-role.png") });
    assert.deepEqual(await barriers(admin), []);
    await form.getByRole("button", { name: "Give up the role" }).click();
    await form.getByText("The last administrator cannot lose that role").waitFor();
    await admin.keyboard.press("Escape");
    await form.waitFor({ state: "detached" });
  });
  assert.match(await people().first().innerText(), /admin/);
});

test("a second administrator may give up the role, and the pages close at once", async () => {
  await changeRoles(EMAIL, async (form) => {
    await form.getByRole("checkbox", { name: "admin" }).check();
    await form.getByRole("button", { name: "Save" }).click();
    await form.waitFor({ state: "detached" });
  });
  const second = await person(browser, complaints);
  await signIn(second, EMAIL, PASSWORD);
  await second.goto(`${BASE}/ui/admin/people?q=${encodeURIComponent(EMAIL)}`);
  await second.getByRole("button", { name: `Change roles of ${NAME}` }).click();
  const form = second.getByRole("dialog");
  await form.getByRole("checkbox", { name: "admin" }).uncheck();
  await form.getByRole("button", { name: "Save" }).click();
  await form.getByRole("button", { name: "Give up the role" }).click();
  await second.getByRole("heading", { name: "This page is for administrators" }).waitFor();
  await second.context().close();
});

test("a member who comes by a link is told whose pages these are", async () => {
  const member = await person(browser, complaints);
  await signIn(member, EMAIL, PASSWORD);
  await member.goto(`${BASE}/ui/admin/leaks`);
  await member.getByRole("heading", { name: "This page is for administrators" }).waitFor();
  await member.context().close();
});

for (const [name, options] of [
  ["desktop", {}],
  ["phone", { viewport: { width: 390, height: 844 }, hasTouch: true }],
  ["dark", { colorScheme: "dark" }],
]) {
  test(`every section has its address and keeps nobody out (${name})`, async () => {
    const page = await person(browser, complaints, options);
    await signIn(page, ADMIN_EMAIL, ADMIN_PASSWORD);
    for (const section of SECTIONS) {
      await page.goto(`${BASE}/ui/admin/${section}`);
      const current = page.getByRole("navigation", { name: "Administration" }).locator('[aria-current="page"]');
      await current.waitFor();
      await page.getByRole("status", { name: "Loading" }).waitFor({ state: "detached" });
      const box = await current.boundingBox();
      assert.ok(box.x >= 0 && box.x + box.width <= page.viewportSize().width, `${section} is marked out of sight`);
      await page.screenshot({ path: join(OUT, `admin-${section}-${name}.png`), fullPage: true });
      assert.ok(await fitsItsWidth(page), `${section} is wider than its window`);
      assert.deepEqual(await barriers(page), [], section);
    }
    await page.context().close();
  });
}

test("nobody's console complained", () => {
  assert.deepEqual(complaints, []);
});
