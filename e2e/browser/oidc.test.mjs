import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { fitsItsWidth, launch, person } from "./browser.mjs";
import { startIssuer } from "./issuer.mjs";

// BASE_URL: a running server whose issuer is http://127.0.0.1:$ISSUER_PORT/pool, its client "stories", its name "Example".
const BASE = process.env.BASE_URL ?? "http://localhost:8000";
const OUT = fileURLToPath(new URL("../out/", import.meta.url));
const PHONE = { viewport: { width: 360, height: 740 }, colorScheme: "dark", hasTouch: true, isMobile: true };
const SUBJECT = `grace-${Date.now()}`;
const EMAIL = `${SUBJECT}@example.org`;

const complaints = [];
let browser, issuer, desk, phone, groups;

before(async () => {
  mkdirSync(OUT, { recursive: true });
  groups = [];
  const claims = () => ({ sub: SUBJECT, name: "Grace Hopper", email: EMAIL, email_verified: true, "cognito:groups": groups });
  issuer = await startIssuer(Number(process.env.ISSUER_PORT ?? 9400), claims);
  browser = await launch();
  desk = await person(browser, complaints);
  phone = await person(browser, complaints, PHONE);
});

after(async () => {
  await browser?.close();
  issuer?.stop();
});

const enter = async (page, next) => {
  await page.goto(`${BASE}/ui/sign-in?next=${encodeURIComponent(next)}`);
  await page.getByRole("link", { name: "Continue with Example" }).click();
  await page.getByRole("heading", { name: "Issuer" }).waitFor();
};

test("a person goes to the issuer and comes back signed in, to the page they came for", async () => {
  await desk.goto(`${BASE}/ui/sign-in`);
  await desk.getByRole("link", { name: "Continue with Example" }).waitFor();
  await desk.screenshot({ path: `${OUT}oidc-sign-in.png`, fullPage: true });
  await enter(desk, "/auctions?mine=true");
  await desk.getByRole("link", { name: "Agree" }).click();
  await desk.getByTestId("account-menu").waitFor();
  assert.equal(desk.url(), `${BASE}/ui/auctions?mine=true`, "nothing of the way there is left in the address");
  await desk.reload();
  await desk.getByTestId("account-menu").waitFor();
  await desk.getByTestId("account-menu").click();
  await desk.getByText("Grace Hopper").first().waitFor();
});

test("somebody who declines is told so in words, on a phone, and may try again", async () => {
  await enter(phone, "/account");
  await phone.getByRole("link", { name: "Decline" }).tap();
  await phone.getByText("You did not finish signing in with Example").waitFor();
  assert.ok(await fitsItsWidth(phone));
  await phone.screenshot({ path: `${OUT}oidc-declined-phone-dark.png`, fullPage: true });
  await phone.getByRole("link", { name: "Continue with Example" }).tap();
  await phone.getByRole("link", { name: "Agree" }).tap();
  await phone.getByRole("heading", { name: "Your account" }).waitFor();
});

test("the issuer's token opens the API, and a change of groups shows with the next one", async () => {
  const status = async (claims) => {
    const token = issuer.token({ sub: SUBJECT, token_use: "access", client_id: "stories", ...claims });
    const answer = await fetch(`${BASE}/api/users`, { headers: { authorization: `Bearer ${token}` } });
    return answer.status;
  };
  assert.equal(await status({}), 403);
  assert.equal(await status({ client_id: "another" }), 401);
  // A newer token: times are whole seconds.
  const later = Math.floor(Date.now() / 1000) + 2;
  assert.equal(await status({ iat: later, "cognito:groups": ["Admin"] }), 200);
  assert.equal(await status({ iat: later + 1 }), 403);
});

test("nobody's console complained", () => assert.deepEqual(complaints, []));
