import assert from "node:assert/strict";
import { test } from "node:test";
import { ageOf, drawFrame, WIDTH } from "./barcode.mjs";

const cellsOf = (frame) => Array.from({ length: 32 }, (_, cell) => frame[20 * WIDTH + cell * 20 + 10]);

test("the clock in a frame reads back as the frame's age", () => {
  for (const drawnAt of [1_795_000_000_123, 0xffffff, 0x1000000, 5]) {
    assert.equal(ageOf(cellsOf(drawFrame(drawnAt, 0)), drawnAt + 1234), 1234);
  }
});

test("a damaged stripe has no age", () => {
  const cells = cellsOf(drawFrame(1_795_000_000_123, 0));
  cells[3] = 251 - cells[3];
  assert.equal(ageOf(cells, 1_795_000_000_123), undefined);
});
