import { describe, expect, it } from "vitest";
import type { ChatMessage } from "../../api/types";
import { addLines, deleteLines, hueOf, lengthOf, NO_LINES, readFrame } from "./lines";

function line(id: string, timestamp: number, more: Partial<ChatMessage> = {}): ChatMessage {
  return {
    message_id: id, auction_id: "a", user_id: "bidder_K7QX", username: "Bidder K7QX", message: `text of ${id}`,
    timestamp, type: "chat", is_host: false, is_deleted: false, ...more,
  };
}

describe("lines", () => {
  it("come once and in order of time, whatever way they come", () => {
    const live = addLines(NO_LINES, [line("b", 2)]);
    const all = addLines(live, [line("a", 1), line("b", 2), line("c", 3)]);
    expect(all.lines.map(({ message_id }) => message_id)).toEqual(["a", "b", "c"]);
    expect(addLines(all, [line("c", 3)])).toBe(all);
  });

  it("lose their text when taken back, also when they come later", () => {
    const known = deleteLines(addLines(NO_LINES, [line("a", 1)]), ["a", "b"]);
    const later = addLines(known, [line("b", 2)]);
    expect(later.lines.map(({ message, is_deleted }) => [message, is_deleted])).toEqual([["", true], ["", true]]);
  });

  it("are taken back when the history says so", () => {
    const known = addLines(NO_LINES, [line("a", 1)]);
    expect(addLines(known, [line("a", 1, { is_deleted: true, message: "" })]).lines[0]?.is_deleted).toBe(true);
  });

  it("are bounded", () => {
    const many = Array.from({ length: 1_200 }, (_, index) => line(`m${index}`, index));
    const { lines } = addLines(NO_LINES, many);
    expect([lines.length, lines[0]?.message_id]).toEqual([1_000, "m200"]);
  });
});

describe("frames", () => {
  it("take who speaks from the token and never from the message", () => {
    const frame = JSON.stringify({
      Type: "MESSAGE", Id: "m1", Content: "<b>hi</b>", SendTime: "2026-01-02T03:04:05.678Z", Attributes: { username: "Host" },
      Sender: { UserId: "bidder_K7QX", Attributes: { username: "Bidder K7QX" } },
    });
    expect(readFrame(frame, "a", 0)).toEqual({
      kind: "said", line: line("m1", Date.parse("2026-01-02T03:04:05.678Z"), { message: "<b>hi</b>" }),
    });
  });

  it("tell deletions, goodbyes and refusals", () => {
    const event = (name: string, attributes: object) => JSON.stringify({ Type: "EVENT", EventName: name, Attributes: attributes });
    expect(readFrame(event("aws:DELETE_MESSAGE", { MessageId: "m" }), "a", 0)).toEqual({ kind: "deleted", messageId: "m" });
    expect(readFrame(event("aws:DISCONNECT_USER", { UserId: "u" }), "a", 0)).toEqual({ kind: "shown-out", userId: "u" });
    expect(readFrame('{"Type":"ERROR","RequestId":"r","ErrorCode":429}', "a", 0)).toEqual({ kind: "refused", requestId: "r", code: 429 });
  });

  it("that mean nothing are passed over", () => {
    for (const text of ["", "[1]", "{}", '{"Type":"MESSAGE","Id":"m"}', '{"Type":"EVENT","EventName":"x"}']) {
      expect(readFrame(text, "a", 0)).toBeUndefined();
    }
  });
});

it("counts what people see as one character once", () => {
  expect(lengthOf("a🔨")).toBe(2);
});

it("gives one person one colour", () => {
  expect(hueOf("bidder_K7QX")).toBe(hueOf("bidder_K7QX"));
  expect(hueOf("bidder_K7QX")).not.toBe(hueOf("bidder_K7QY"));
});
