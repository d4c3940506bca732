import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What axe-core finds wrong on the page, one line each: rule, element, reason. */
export async function barriers(page) {
  // What is still fading in has not its colours yet; a spinner never ends.
  await page.waitForFunction(() => document.getAnimations().every(({ playState, effect }) =>
    playState !== "running" || effect?.getComputedTiming().iterations === Infinity));
  // The pages' own policy forbids injected scripts, so it is run from outside.
  await page.evaluate(AXE);
  return page.evaluate(async () => {
    const { violations } = await window.axe.run(document, { resultTypes: ["violations"] });
    return violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 120)} ${failureSummary}`));
  });
}
