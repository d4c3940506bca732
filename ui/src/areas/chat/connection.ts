import { ApiError, sentence } from "../../api/error";
import { backoffMs } from "../../api/events";
import type { ChatMessage, ChatToken } from "../../api/types";
import { type Frame, readFrame } from "./lines";

/** How the conversation stands for somebody who is signed in. */
export type ChatState =
  | { kind: "connecting" }
  | { kind: "open"; ticket: ChatToken }
  /** Tries again by itself. */
  | { kind: "lost"; why: string }
  /** Does not try again. */
  | { kind: "locked"; why: string };

interface Options {
  auctionId: string;
  fetchTicket: () => Promise<ChatToken>;
  onState: (state: ChatState) => void;
  onSaid: (line: ChatMessage) => void;
  onDeleted: (messageId: string) => void;
}

/** What became of a message. */
export type Sent = "sent" | "too-fast" | "too-long" | "not-allowed" | "failed";

const ANSWER_MS = 8_000;
const BACKOFF_MAX_MS = 15_000;

/** A connection to the room that comes back by itself, with a fresh token each time, until it is closed. */
export class ChatConnection {
  private socket: WebSocket | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private attempt = 0;
  private isClosed = false;
  private readonly waiting = new Map<string, (sent: Sent) => void>();
  private userId = "";

  constructor(private readonly options: Options) {
    options.onState({ kind: "connecting" });
    void this.connect();
  }

  /** Says something; resolves when the room has taken or refused it. */
  send(content: string): Promise<Sent> {
    const socket = this.socket;
    if (socket?.readyState !== WebSocket.OPEN) return Promise.resolve("failed");
    const requestId = crypto.randomUUID();
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.settle(requestId, "failed"), ANSWER_MS);
      this.waiting.set(requestId, (sent) => {
        clearTimeout(timer);
        resolve(sent);
      });
      socket.send(JSON.stringify({ Action: "SEND_MESSAGE", RequestId: requestId, Content: content }));
    });
  }

  close(): void {
    this.isClosed = true;
    clearTimeout(this.timer);
    this.socket?.close();
    this.giveUpWaiting();
  }

  private async connect(): Promise<void> {
    let ticket: ChatToken;
    try {
      ticket = await this.options.fetchTicket();
    } catch (error) {
      // Banned, ended or not known: asking again would not change the answer.
      const isFinal = error instanceof ApiError && [401, 403, 404, 409].includes(error.status);
      if (isFinal) this.tell({ kind: "locked", why: sentence(error) });
      else this.tryAgain(sentence(error), error instanceof ApiError ? error.retryAfterS : undefined);
      return;
    }
    if (this.isClosed) return;
    const socket = new WebSocket(ticket.url, ticket.token);
    this.socket = socket;
    this.userId = ticket.user_id;
    socket.addEventListener("open", () => {
      this.attempt = 0;
      this.tell({ kind: "open", ticket });
    });
    socket.addEventListener("message", ({ data }) => {
      if (typeof data === "string") this.hear(data);
    });
    socket.addEventListener("close", () => {
      this.giveUpWaiting();
      this.tryAgain("The connection was interrupted.");
    });
  }

  private hear(text: string): void {
    const frame = readFrame(text, this.options.auctionId, Date.now());
    if (!frame) return;
    switch (frame.kind) {
      case "said":
        this.options.onSaid(frame.line);
        this.settle(requestIdOf(text), "sent");
        break;
      case "deleted":
        this.options.onDeleted(frame.messageId);
        break;
      case "refused":
        this.settle(frame.requestId, refusalOf(frame));
        break;
      case "shown-out":
        // The room closes the connection itself; what comes next is what this person may do now.
        if (frame.userId === this.userId) this.attempt = 0;
        break;
    }
  }

  private settle(requestId: string, sent: Sent): void {
    const resolve = this.waiting.get(requestId);
    this.waiting.delete(requestId);
    resolve?.(sent);
  }

  private giveUpWaiting(): void {
    for (const requestId of [...this.waiting.keys()]) this.settle(requestId, "failed");
  }

  private tryAgain(why: string, afterS?: number): void {
    if (this.isClosed) return;
    this.tell({ kind: "lost", why });
    const pause = afterS === undefined ? backoffMs(this.attempt, Math.random(), BACKOFF_MAX_MS) : afterS * 1000;
    this.attempt += 1;
    this.timer = setTimeout(() => void this.connect(), pause);
  }

  private tell(state: ChatState): void {
    if (!this.isClosed) this.options.onState(state);
  }
}

function refusalOf({ code }: Extract<Frame, { kind: "refused" }>): Sent {
  if (code === 429) return "too-fast";
  if (code === 413) return "too-long";
  return code === 403 || code === 406 ? "not-allowed" : "failed";
}

// Amazon tells only the sender the id of the request; elsewhere the room hears it, and nobody else waits for it.
function requestIdOf(text: string): string {
  const frame = JSON.parse(text) as { RequestId?: unknown };
  return typeof frame.RequestId === "string" ? frame.RequestId : "";
}
