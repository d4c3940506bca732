import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { fitsItsWidth, launch, person } from "./browser.mjs";

// BASE_URL: a running server. Its registration must be open; nothing else is assumed.
const BASE = process.env.BASE_URL ?? "http://localhost:8000";
const OUT = fileURLToPath(new URL("../out/", import.meta.url));
const TITLE = "Three glass vases";

const complaints = [];
let browser, seller, folder, desk;

/** A photograph of one colour, as a JPEG. */
function photograph(name, colour, size) {
  const path = join(folder, `${name}.jpg`);
  const pattern = `color=${colour}:size=${size},drawbox=x=iw/4:y=ih/4:w=iw/2:h=ih/2:color=white@0.6:t=fill`;
  execFileSync("ffmpeg", ["-loglevel", "error", "-nostdin", "-f", "lavfi", "-i", pattern, "-frames:v", "1", path]);
  return path;
}

before(async () => {
  mkdirSync(OUT, { recursive: true });
  folder = mkdtempSync(join(tmpdir(), "rostrum-pictures-"));
  browser = await launch();
  // Chromium itself reports the refused upload that this story provokes.
  seller = await person(browser, complaints, {}, (url) => url.endsWith("/images"));
  await seller.goto(`${BASE}/ui/register`);
  await seller.getByText("With a password").click();
  await seller.getByLabel("Name").fill("Vera Glass");
  await seller.getByLabel("E-mail").fill(`vases-${Date.now()}@example.org`);
  await seller.getByRole("textbox", { name: "Password" }).fill("three vases on a shelf");
  await seller.getByRole("button", { name: "Create account" }).click();
  await seller.getByTestId("account-menu").waitFor();
});

after(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

const tiles = (page) => page.getByTestId("picture-grid").getByRole("listitem");
/** Where the pictures of the grid are from, in their order. */
const sources = (page) => tiles(page).getByRole("img").evaluateAll((all) => all.map((image) => image.src));

/** Gives files to the page as a drop or a paste does. */
function give(page, kind, path) {
  const content = readFileSync(path).toString("base64");
  return page.evaluate(async ([kind, content]) => {
    const bytes = Uint8Array.from(atob(content), (character) => character.charCodeAt(0));
    const transfer = new DataTransfer();
    transfer.items.add(new File([bytes], "given.jpg", { type: "image/jpeg" }));
    const grid = document.querySelector('[data-testid="picture-grid"]');
    if (kind === "paste") document.dispatchEvent(new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true, cancelable: true }));
    else grid.dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
  }, [kind, content]);
}

test("pictures are chosen and put in order before the auction exists", async () => {
  await seller.goto(`${BASE}/ui/auctions/new`);
  await seller.getByLabel("Title").fill(TITLE);
  await seller.getByLabel("Starting bid").fill("40");
  const paths = [photograph("red", "firebrick", "1800x1200"), photograph("blue", "steelblue", "1200x1800")];
  await seller.getByTestId("picture-input").setInputFiles(paths);
  await tiles(seller).nth(1).waitFor();
  const [red, blue] = await sources(seller);
  await seller.getByRole("button", { name: "Move picture 2 forward" }).press("Enter");
  assert.deepEqual(await sources(seller), [blue, red]);
  assert.match(await seller.getByTestId("picture-grid").getByRole("status").innerText(), /Picture 2 is now number 1 of 2/);
  await seller.screenshot({ path: join(OUT, "pictures-new.png"), fullPage: true });
});

test("they arrive one by one, and the desk takes more by dropping and pasting", async () => {
  await seller.getByRole("button", { name: "Create auction" }).click();
  await seller.waitForURL(/\/desk$/);
  desk = seller.url();
  const arrived = (count) => seller.waitForFunction(
    (count) => document.querySelectorAll('[data-testid="picture-grid"] img[src^="/api/images/"]').length === count, count);
  await arrived(2);
  await give(seller, "drop", photograph("green", "seagreen", "1400x900"));
  await arrived(3);
  await give(seller, "paste", photograph("gold", "goldenrod", "900x900"));
  await arrived(4);
  // The first one stood upright: it was blue.
  const [width, height] = await tiles(seller).getByRole("img").first().evaluate((image) => [image.naturalWidth, image.naturalHeight]);
  assert.deepEqual([width, height], [320, 480]);
});

test("order and removal are the server's, also after a reload", async () => {
  const before = await sources(seller);
  const answered = seller.waitForResponse((response) => response.url().endsWith("/images/order"));
  await seller.getByRole("button", { name: "Move picture 1 back" }).click();
  assert.equal((await answered).status(), 200);
  await seller.getByRole("button", { name: "Remove picture 4" }).click();
  await seller.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await seller.getByRole("dialog").waitFor({ state: "detached" });
  await seller.reload();
  await tiles(seller).nth(2).waitFor();
  assert.deepEqual(await sources(seller), [before[1], before[0], before[2]]);
});

test("by mouse a picture is dragged to another place", async () => {
  const before = await sources(seller);
  const answered = seller.waitForResponse((response) => response.url().endsWith("/images/order"));
  await tiles(seller).nth(2).dragTo(tiles(seller).nth(0));
  await answered;
  await seller.waitForFunction(
    (first) => document.querySelector('[data-testid="picture-grid"] li img')?.src === first, before[2]);
  assert.deepEqual(await sources(seller), [before[2], before[0], before[1]]);
});

test("what is no picture is refused in words, and the others stay", async () => {
  await seller.getByTestId("picture-input").setInputFiles({ name: "x.jpg", mimeType: "image/jpeg", buffer: Buffer.from("<script>") });
  await seller.getByText("Must be a JPEG, PNG, WebP or GIF file").waitFor();
  await seller.screenshot({ path: join(OUT, "pictures-desk.png"), fullPage: true });
  await seller.getByRole("button", { name: "Remove picture 4" }).click();
  assert.equal(await tiles(seller).count(), 3);
});

test("the seller reads what the video costs", async () => {
  const meter = seller.getByTestId("cost-meter");
  await meter.getByTestId("cost-total").waitFor();
  assert.match(await meter.innerText(), /would cost on Amazon IVS/);
  assert.equal(await meter.getByRole("row").count(), 3);
});

for (const [name, options] of [
  ["desktop", {}],
  ["phone", { viewport: { width: 390, height: 844 }, hasTouch: true }],
  ["dark", { colorScheme: "dark" }],
]) {
  test(`a visitor goes through the gallery by keyboard (${name})`, async () => {
    const visitor = await person(browser, complaints, options);
    await visitor.goto(desk.replace(/\/desk$/, ""));
    const gallery = visitor.getByTestId("gallery");
    await visitor.getByRole("heading", { name: TITLE }).waitFor();
    const about = visitor.getByText("The lot", { exact: true });
    if (!(await gallery.isVisible()) && (await about.count()) > 0) await about.click();
    await gallery.getByRole("button").first().waitFor();
    await visitor.screenshot({ path: join(OUT, `pictures-room-${name}.png`), fullPage: true });
    assert.ok(await fitsItsWidth(visitor));
    await gallery.getByRole("button").first().press("Enter");
    const large = visitor.getByRole("dialog");
    await large.getByText("1 of 3").waitFor();
    await visitor.keyboard.press("ArrowRight");
    await large.getByText("2 of 3").waitFor();
    await visitor.keyboard.press("ArrowLeft");
    await visitor.keyboard.press("ArrowLeft");
    await large.getByText("3 of 3").waitFor();
    const isWhole = await large.getByRole("img").evaluate(async (image) => {
      await image.decode();
      return image.naturalWidth > 480 || image.naturalHeight > 480;
    });
    assert.ok(isWhole, "the large one, not the thumbnail");
    await visitor.screenshot({ path: join(OUT, `pictures-large-${name}.png`) });
    await visitor.keyboard.press("Escape");
    await large.waitFor({ state: "detached" });
    await visitor.context().close();
  });
}

test("nobody's console complained", () => {
  assert.deepEqual(complaints, []);
});
