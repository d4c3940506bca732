import { useCallback, useRef, useState } from "react";
import { ApiError, sentence } from "../../../api/error";
import type { BidAnswer, NewBid } from "../../../api/types";
import { placeBid } from "../queries";

/** One decision to bid. Its key makes sending it twice the same as sending it once. */
export interface Intent {
  body: NewBid;
  key: string;
}

export type BidState =
  | { kind: "idle" }
  | { kind: "sending"; intent: Intent }
  | { kind: "accepted"; answer: BidAnswer }
  | { kind: "outbid"; answer: BidAnswer }
  /** The server wants to hear it twice. */
  | { kind: "confirm"; intent: Intent; message: string }
  | { kind: "refused"; message: string }
  /** Nobody knows whether it arrived, or the server asks for patience: the same intent may be sent again. */
  | { kind: "held"; intent: Intent; message: string; waitS: number };

export const IDLE: BidState = { kind: "idle" };

/** Sends bids, one at a time; every answer of the server goes to `onAnswer`. */
export function useBid(onAnswer: (answer: BidAnswer) => void) {
  const [state, setState] = useState<BidState>(IDLE);
  const isSending = useRef(false);

  const send = useCallback(async (intent: Intent) => {
    if (isSending.current) return;
    isSending.current = true;
    setState({ kind: "sending", intent });
    const next = await placeBid(intent.body, intent.key).then(
      (answer): BidState => ({ kind: "accepted", answer }),
      (error: unknown) => afterFailure(error, intent),
    );
    isSending.current = false;
    if (next.kind === "accepted" || next.kind === "outbid") onAnswer(next.answer);
    setState(next);
  }, [onAnswer]);

  return {
    state,
    bid: (body: NewBid) => send({ body, key: newKey() }),
    /** The same decision once more, under the same key. */
    again: (intent: Intent) => send(intent),
    forget: () => setState(IDLE),
  };
}

const PATIENCE_S = 1;

/** What a failed request means for the bid. */
export function afterFailure(error: unknown, intent: Intent): BidState {
  if (!(error instanceof ApiError)) {
    return { kind: "held", intent, message: `${sentence(error)} Your bid may have arrived: sending it again is safe.`, waitS: 0 };
  }
  if (error.body["status"] === "outbid") return { kind: "outbid", answer: error.body as unknown as BidAnswer };
  if (error.body["status"] === "confirmation_required") return { kind: "confirm", intent, message: error.message };
  if (error.status === 429 || error.status >= 500) {
    return { kind: "held", intent, message: `${error.message}.`, waitS: error.retryAfterS ?? PATIENCE_S };
  }
  return { kind: "refused", message: sentence(error) };
}

function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
