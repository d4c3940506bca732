import { describe, expect, it } from "vitest";
import { ApiError } from "../../../api/error";
import { afterFailure } from "./useBid";

const INTENT = { body: { auction_id: "a", amount: 10 }, key: "k" };

describe("a bid that did not succeed", () => {
  it("keeps its key when the connection broke, so that sending it again is safe", () => {
    expect(afterFailure(new TypeError("Failed to fetch"), INTENT)).toMatchObject({ kind: "held", intent: INTENT, waitS: 0 });
  });

  it("waits as long as the server asks", () => {
    expect(afterFailure(new ApiError(429, "Too many bids", [], 3), INTENT)).toMatchObject({ kind: "held", waitS: 3 });
    expect(afterFailure(new ApiError(503, "Too many bids are waiting"), INTENT)).toMatchObject({ kind: "held", intent: INTENT });
  });

  it("is an answer when it was outbid at once", () => {
    const body = { status: "outbid", bid_count: 2 };
    expect(afterFailure(new ApiError(400, "Your bid was outbid", [], undefined, body), INTENT)).toEqual({ kind: "outbid", answer: body });
  });

  it("asks the reader when the server asks", () => {
    const body = { status: "confirmation_required" };
    expect(afterFailure(new ApiError(400, "Confirm a bid of $900.00", [], undefined, body), INTENT)).toEqual({
      kind: "confirm", intent: INTENT, message: "Confirm a bid of $900.00",
    });
  });

  it("is refused in the server's words", () => {
    const error = new ApiError(400, "Invalid bid: Bid must be at least $11.00");
    expect(afterFailure(error, INTENT)).toEqual({ kind: "refused", message: "Invalid bid: Bid must be at least $11.00" });
  });
});
