/**
 * A clock burnt into the picture: 32 cells, black for 0 and white for 1, in a stripe at the top. 24 bits are the low
 * bits of the wall clock in milliseconds, 8 are a check sum, so that a frame read in the middle of a change is dropped.
 */
export const WIDTH = 640;
export const HEIGHT = 360;
const CELLS = 32;
const CELL_WIDTH = WIDTH / CELLS;
const STRIPE_HEIGHT = 40;
const CLOCK_MASK = 0xffffff;
const CHECK = 0x5a;

function checkSum(clock) {
  return ((clock & 0xff) ^ ((clock >> 8) & 0xff) ^ ((clock >> 16) & 0xff) ^ CHECK) & 0xff;
}

/** One grey frame: the clock's stripe above a ground that moves. */
export function drawFrame(epochMs, index) {
  const frame = Buffer.alloc(WIDTH * HEIGHT);
  const clock = epochMs % (CLOCK_MASK + 1);
  const row = Buffer.alloc(WIDTH);
  for (let cell = 0; cell < CELLS; cell += 1) {
    const isSet = cell < 24 ? (clock >> (23 - cell)) & 1 : (checkSum(clock) >> (31 - cell)) & 1;
    row.fill(isSet ? 235 : 16, cell * CELL_WIDTH, (cell + 1) * CELL_WIDTH);
  }
  for (let y = 0; y < HEIGHT; y += 1) {
    if (y < STRIPE_HEIGHT) row.copy(frame, y * WIDTH);
    else frame.fill(60 + (((y >> 3) + index) % 32) * 4, y * WIDTH, (y + 1) * WIDTH);
  }
  return frame;
}

/** Milliseconds between the clock in the picture and `epochMs`, or undefined for a stripe that cannot be read. */
export function ageOf(cells, epochMs) {
  const bits = cells.map((luminance) => (luminance > 128 ? 1 : 0));
  const number = (from, to) => bits.slice(from, to).reduce((value, bit) => value * 2 + bit, 0);
  const clock = number(0, 24);
  if (number(24, 32) !== checkSum(clock)) return undefined;
  return ((epochMs % (CLOCK_MASK + 1)) - clock + CLOCK_MASK + 1) % (CLOCK_MASK + 1);
}

/** Reads the stripe's cells and the mean brightness from the page's video element, with the moment of reading. */
export function readVideo(page) {
  return page.getByTestId("video").evaluate(
    (video, { width, height, cells, stripe }) => {
      const canvas = document.createElement("canvas");
      canvas.width = width;
      canvas.height = height;
      const drawing = canvas.getContext("2d", { willReadFrequently: true });
      drawing.drawImage(video, 0, 0, width, height);
      const epochMs = Date.now();
      const { data } = drawing.getImageData(0, 0, width, height);
      const at = (x, y) => data[(y * width + x) * 4 + 1];
      let sum = 0;
      for (let y = stripe; y < height; y += 1) sum += at(width / 2, y);
      return {
        epochMs,
        cells: Array.from({ length: cells }, (_, cell) => at(Math.floor((cell + 0.5) * (width / cells)), stripe / 2)),
        brightness: sum / (height - stripe),
        column: Array.from({ length: 40 }, (_, step) => at(width / 2, stripe + step * 8)),
      };
    },
    { width: WIDTH, height: HEIGHT, cells: CELLS, stripe: STRIPE_HEIGHT },
  );
}
