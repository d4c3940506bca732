import { describe, expect, it } from "vitest";
import { SseParser } from "./sse";

const STREAM = "event: snapshot\nid: 4\ndata: {\"a\":\ndata: 1}\n\n: ping\n\nid:5\r\nevent:video_update\r\ndata:x\r\n\r\nevent: none\n\n";
const MESSAGES = [
  { event: "snapshot", id: "4", data: '{"a":\n1}' },
  { event: "video_update", id: "5", data: "x" },
];

describe("SseParser", () => {
  it("reads the same messages however the stream is cut", () => {
    for (let size = 1; size <= STREAM.length; size += 1) {
      const parser = new SseParser();
      const messages = [];
      for (let at = 0; at < STREAM.length; at += size) messages.push(...parser.push(STREAM.slice(at, at + size)));
      expect(messages, `chunks of ${size}`).toEqual(MESSAGES);
    }
  });

  it("gives a message without a number none", () => {
    expect(new SseParser().push("id: 7\n\ndata: y\n\n")).toEqual([{ event: "message", id: undefined, data: "y" }]);
  });

  it("refuses a line that never ends", () => {
    const parser = new SseParser();
    expect(() => parser.push("x".repeat(1024 * 1024 + 1))).toThrow("too long");
  });
});
