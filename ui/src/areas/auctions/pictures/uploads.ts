import { ApiError, sentence, toApiError } from "../../../api/error";
import { accessToken, refresh } from "../../../api/session";
import type { AuctionImage } from "../../../api/types";
import { refusal } from "./order";

/** A file on its way to the server. */
export interface Upload {
  key: string;
  file: File;
  /** Shows the file while it is here only. */
  previewUrl: string;
  /** How much of it was sent, 0 to 1. */
  sent: number;
  /** Why it was not taken; it stays until it is tried again or dropped. */
  error: string | undefined;
  /** Whether trying again can help. */
  mayRetry: boolean;
}

type Send<Taken> = (file: File, onProgress: (sent: number) => void, stop: AbortSignal) => Promise<Taken>;

/** The files that wait for one thing; sent one after the other, so that they arrive in their order. */
export class UploadQueue<Taken> {
  private items: readonly Upload[] = [];
  private readonly listeners = new Set<() => void>();
  private readonly takers = new Set<(taken: Taken) => void>();
  private running: { key: string; stop: AbortController } | undefined;
  private count = 0;

  constructor(private readonly send: Send<Taken>) {}

  /** What waits, is sent, or was refused. The same array until something changes. */
  readonly current = (): readonly Upload[] => this.items;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Is told of every file that the server took, in the server's words. */
  onTaken(taker: (taken: Taken) => void): () => void {
    this.takers.add(taker);
    return () => this.takers.delete(taker);
  }

  add(files: readonly File[]): void {
    const added = files.map((file): Upload => {
      const error = refusal(file);
      this.count += 1;
      return { key: `upload-${this.count}`, file, previewUrl: URL.createObjectURL(file), sent: 0, error, mayRetry: false };
    });
    this.change([...this.items, ...added]);
    void this.run();
  }

  retry(key: string): void {
    this.update(key, { error: undefined, sent: 0 });
    void this.run();
  }

  drop(key: string): void {
    if (this.running?.key === key) this.running.stop.abort();
    const dropped = this.items.find((item) => item.key === key);
    if (dropped) URL.revokeObjectURL(dropped.previewUrl);
    this.change(this.items.filter((item) => item.key !== key));
  }

  private async run(): Promise<void> {
    if (this.running) return;
    const next = this.items.find((item) => item.error === undefined);
    if (!next) return;
    const { key, file } = next;
    const stop = new AbortController();
    this.running = { key, stop };
    try {
      const taken = await this.send(file, (sent) => this.update(key, { sent }), stop.signal);
      this.takers.forEach((taker) => taker(taken));
      this.drop(key);
    } catch (error) {
      if (!stop.signal.aborted) this.update(key, { error: reason(error), mayRetry: mayHelp(error) });
    }
    this.running = undefined;
    void this.run();
  }

  private update(key: string, change: Partial<Upload>): void {
    this.change(this.items.map((item) => (item.key === key ? { ...item, ...change } : item)));
  }

  private change(items: readonly Upload[]): void {
    this.items = items;
    this.listeners.forEach((listener) => listener());
  }
}

/** The server's words about the file, without the name that the API gives it. */
function reason(error: unknown): string {
  const detail = error instanceof ApiError ? error.details[0]?.message : undefined;
  if (detail === undefined) return sentence(error);
  const words = detail.replace(/^image /, "");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** A refused file stays refused; a busy server and a lost connection do not last. */
function mayHelp(error: unknown): boolean {
  return !(error instanceof ApiError) || error.status >= 500 || error.status === 408 || error.status === 429;
}

// They outlive the page: a seller may walk on while its pictures are sent.
const queues = new Map<string, UploadQueue<AuctionImage>>();

/** The queue of an auction. */
export function uploadsOf(auctionId: string): UploadQueue<AuctionImage> {
  let queue = queues.get(auctionId);
  if (!queue) {
    const path = `/api/auctions/${auctionId}/images`;
    queue = new UploadQueue((file, onProgress, stop) => upload(path, file, onProgress, stop));
    queues.set(auctionId, queue);
  }
  return queue;
}

/** Sends a file to `path` as it is; resolves to the answer's body or throws the server's error. */
export async function upload<Taken>(path: string, file: File, onProgress: (sent: number) => void, stop: AbortSignal): Promise<Taken> {
  let answer = await post(path, file, await accessToken(), onProgress, stop);
  if (answer.status === 401 && (await refresh())) answer = await post(path, file, await accessToken(), onProgress, stop);
  const body: unknown = await answer.json().catch(() => undefined);
  if (!answer.ok) throw toApiError(answer, body);
  return body as Taken;
}

// Of the two ways to send, only this one tells how far it has come.
function post(path: string, file: File, token: string | undefined, onProgress: (sent: number) => void, stop: AbortSignal): Promise<Response> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", path);
    request.setRequestHeader("content-type", "application/octet-stream");
    if (token !== undefined) request.setRequestHeader("authorization", `Bearer ${token}`);
    request.upload.onprogress = ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 0);
    request.onload = () => {
      const headers = new Headers();
      const wait = request.getResponseHeader("retry-after");
      if (wait !== null) headers.set("retry-after", wait);
      resolve(new Response(request.responseText, { status: request.status, headers }));
    };
    request.onerror = () => reject(new TypeError("the connection was lost"));
    request.onabort = () => reject(new DOMException("dropped", "AbortError"));
    stop.addEventListener("abort", () => request.abort());
    request.send(file);
  });
}
