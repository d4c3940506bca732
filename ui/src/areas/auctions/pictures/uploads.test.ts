import { beforeAll, describe, expect, it, vi } from "vitest";
import { ApiError } from "../../../api/error";
import type { AuctionImage } from "../../../api/types";
import { UploadQueue } from "./uploads";

beforeAll(() => {
  URL.createObjectURL = () => "blob:preview";
  URL.revokeObjectURL = () => undefined;
});

const file = (name: string, type = "image/jpeg") => new File(["x"], name, { type });
const image = (id: string) => ({ image_id: id }) as AuctionImage;

async function settled(queue: UploadQueue<AuctionImage>): Promise<void> {
  await vi.waitFor(() => expect(queue.current().every(({ error }) => error !== undefined)).toBe(true));
}

describe("an upload queue", () => {
  it("sends one file after the other and hands over what the server took", async () => {
    let atOnce = 0;
    let most = 0;
    const queue = new UploadQueue(async ({ name }) => {
      most = Math.max(most, ++atOnce);
      await Promise.resolve();
      atOnce -= 1;
      return image(name);
    });
    const taken: string[] = [];
    queue.onTaken(({ image_id }) => taken.push(image_id));
    queue.add([file("a"), file("b")]);
    queue.add([file("c")]);
    await settled(queue);
    expect([taken, most, queue.current()]).toEqual([["a", "b", "c"], 1, []]);
  });

  it("keeps a refused file with the server's words and goes on with the next", async () => {
    const queue = new UploadQueue(({ name }) =>
      name === "bad"
        ? Promise.reject(new ApiError(400, "Validation error", [{ field: "image", message: "image cannot be read" }]))
        : Promise.resolve(image(name)),
    );
    const taken: string[] = [];
    queue.onTaken(({ image_id }) => taken.push(image_id));
    queue.add([file("bad"), file("good"), file("drawing", "image/svg+xml")]);
    await settled(queue);
    expect(taken).toEqual(["good"]);
    expect(queue.current().map(({ error, mayRetry }) => [error, mayRetry])).toEqual([
      ["Cannot be read", false],
      ["Not a JPEG, PNG, WebP or GIF file", false],
    ]);
    queue.drop(queue.current()[0]?.key ?? "");
    expect(queue.current()).toHaveLength(1);
  });

  it("tries again when asked, after what does not last", async () => {
    let attempts = 0;
    const queue = new UploadQueue(() => (++attempts === 1 ? Promise.reject(new TypeError("lost")) : Promise.resolve(image("a"))));
    queue.add([file("a")]);
    await settled(queue);
    expect(queue.current()[0]).toMatchObject({ mayRetry: true, error: "The server cannot be reached." });
    queue.retry(queue.current()[0]?.key ?? "");
    await settled(queue);
    expect([attempts, queue.current()]).toEqual([2, []]);
  });

  it("stops sending a file that is dropped", async () => {
    let wasStopped = false;
    const queue = new UploadQueue<AuctionImage>((_, __, stop) => new Promise((_resolve, reject) => {
      stop.addEventListener("abort", () => {
        wasStopped = true;
        reject(new DOMException("dropped", "AbortError"));
      });
    }));
    queue.add([file("a")]);
    queue.drop(queue.current()[0]?.key ?? "");
    await settled(queue);
    expect([wasStopped, queue.current()]).toEqual([true, []]);
  });
});
