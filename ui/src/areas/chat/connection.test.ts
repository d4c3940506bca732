import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { ApiError } from "../../api/error";
import type { ChatToken } from "../../api/types";
import { ChatConnection, type ChatState } from "./connection";

const TICKET: ChatToken = {
  token: "t1", url: "wss://chat.example.com/chat", capabilities: ["SEND_MESSAGE"], session_expires_at: "2026-01-01T01:00:00Z",
  user_id: "bidder_K7QX", username: "Bidder K7QX", is_muted: false, muted_until: null,
};

/** Stands for the browser's WebSocket: a test says what the room does. */
class FakeSocket extends EventTarget {
  static readonly OPEN = 1;
  static all: FakeSocket[] = [];
  readyState = 0;
  readonly sent: Record<string, unknown>[] = [];
  constructor(readonly url: string, readonly protocol: string) {
    super();
    FakeSocket.all.push(this);
  }
  send(text: string) {
    this.sent.push(JSON.parse(text) as Record<string, unknown>);
  }
  close() {
    this.readyState = 3;
    this.dispatchEvent(new Event("close"));
  }
  open() {
    this.readyState = 1;
    this.dispatchEvent(new Event("open"));
  }
  hear(frame: object) {
    this.dispatchEvent(Object.assign(new Event("message"), { data: JSON.stringify(frame) }));
  }
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("WebSocket", FakeSocket);
  FakeSocket.all = [];
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function start(fetchTicket: () => Promise<ChatToken>) {
  const states: ChatState[] = [];
  const said: string[] = [];
  const connection = new ChatConnection({
    auctionId: "a", fetchTicket, onState: (state) => states.push(state), onSaid: (line) => said.push(line.message), onDeleted: () => undefined,
  });
  return { connection, states, said, kinds: () => states.map(({ kind }) => kind) };
}

const flush = () => vi.advanceTimersByTimeAsync(0);

it("offers the token as the one subprotocol, and comes back with a fresh one", async () => {
  const fetchTicket = vi.fn(() => Promise.resolve({ ...TICKET, token: `t${fetchTicket.mock.calls.length}` }));
  const { kinds } = start(fetchTicket);
  await flush();
  expect([FakeSocket.all[0]?.url, FakeSocket.all[0]?.protocol]).toEqual([TICKET.url, "t1"]);
  FakeSocket.all[0]?.open();
  FakeSocket.all[0]?.close();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(FakeSocket.all[1]?.protocol).toBe("t2");
  expect(kinds()).toEqual(["connecting", "open", "lost"]);
});

it("tells what became of each message", async () => {
  const { connection, said } = start(() => Promise.resolve(TICKET));
  await flush();
  const socket = FakeSocket.all[0];
  socket?.open();
  const sent = [connection.send("one"), connection.send("two"), connection.send("three"), connection.send("four")];
  const ids = socket?.sent.map((frame) => frame["RequestId"]) ?? [];
  socket?.hear({ Type: "MESSAGE", Id: "m", RequestId: ids[0], Content: "one", Sender: { UserId: "bidder_K7QX" } });
  socket?.hear({ Type: "ERROR", RequestId: ids[1], ErrorCode: 429 });
  socket?.hear({ Type: "ERROR", RequestId: ids[2], ErrorCode: 403 });
  await vi.advanceTimersByTimeAsync(10_000);
  expect(await Promise.all(sent)).toEqual(["sent", "too-fast", "not-allowed", "failed"]);
  expect(said).toEqual(["one"]);
});

it("does not ask again when the answer is final", async () => {
  const fetchTicket = vi.fn(() => Promise.reject(new ApiError(403, "You are banned from this chat")));
  const { states } = start(fetchTicket);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(states.at(-1)).toEqual({ kind: "locked", why: "You are banned from this chat" });
  expect(fetchTicket).toHaveBeenCalledTimes(1);
});

it("waits as long as the server says while there is no room", async () => {
  const fetchTicket = vi.fn(() => Promise.reject(new ApiError(503, "Chat is not available yet", [], 5)));
  const { connection } = start(fetchTicket);
  await vi.advanceTimersByTimeAsync(4_900);
  expect(fetchTicket).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(200);
  expect(fetchTicket).toHaveBeenCalledTimes(2);
  connection.close();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(fetchTicket).toHaveBeenCalledTimes(2);
});
