import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const SRC = join(import.meta.dirname, "..");
const STYLES = join(SRC, "../node_modules/@mantine/core/styles");

/** Every name that a page imports from the component library. */
function importedNames(): string[] {
  const files = readdirSync(SRC, { recursive: true, encoding: "utf8" }).filter((name) => /\.tsx?$/.test(name));
  const imports = files.flatMap((name) => [
    ...readFileSync(join(SRC, name), "utf8").matchAll(/import \{([^}]*)\} from "@mantine\/core"/g),
  ]);
  return imports.flatMap(([, names = ""]) => names.split(",").map((name) => name.trim())).filter(Boolean);
}

test("every component has its styles", () => {
  const css = readFileSync(join(SRC, "shell/mantine.css"), "utf8");
  const names = [...new Set(importedNames())];
  const missing = names.filter((name) => existsSync(join(STYLES, `${name}.css`)) && !css.includes(`/${name}.css"`));
  // What is drawn with the styles of other components.
  if (names.includes("TagsInput")) missing.push(...["Pill", "PillsInput"].filter((name) => !css.includes(`/${name}.css"`)));
  expect(names).toContain("Button");
  expect(missing).toEqual([]);
});
