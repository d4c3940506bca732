import { describe, expect, it } from "vitest";
import { type Bid, mergeBids, priceSteps, statusOf } from "./bidLog";

const bid = (seq: number, amount: number, change: Partial<Bid> = {}): Bid => ({
  bid_id: `b${seq}`, seq, bidder_id: "bidder_K7QX", bidder: "Bidder K7QX", amount, price: amount, at_ms: seq * 1000, kind: "bid", ...change,
});

describe("mergeBids", () => {
  it("shows each bid once, newest first", () => {
    const merged = mergeBids([bid(2, 20, { status: "leading" }), bid(1, 10)], [bid(3, 30), bid(2, 20)]);
    expect(merged.map(({ seq }) => seq)).toEqual([3, 2, 1]);
  });

  it("keeps what only the list knows: that a bid was taken back", () => {
    expect(mergeBids([bid(2, 20, { status: "retracted" })], [bid(2, 20)])[0]?.status).toBe("retracted");
  });
});

describe("statusOf", () => {
  const mine = { bidder_id: "bidder_MINE" };
  const bids = [bid(4, 40, { status: "retracted", ...mine }), bid(3, 30, mine), bid(2, 20), bid(1, 10, mine)];
  const of = (leader: string | null) => bids.map((one) => statusOf(one, bids, leader));

  it("calls the newest bid of the leader leading", () => {
    expect(of("bidder_MINE")).toEqual(["retracted", "leading", "outbid", "outbid"]);
    expect(of("bidder_K7QX")).toEqual(["retracted", "outbid", "leading", "outbid"]);
  });

  it("calls nothing leading where nobody leads", () => {
    expect(of(null)).toEqual(["retracted", "outbid", "outbid", "outbid"]);
  });
});

describe("priceSteps", () => {
  it("goes from the oldest to the newest, without what was taken back", () => {
    const steps = priceSteps([bid(3, 25, { bidder_id: "me" }), bid(2, 90, { status: "retracted" }), bid(1, 10)], "me");
    expect(steps).toEqual([{ atMs: 1000, price: 10, isYou: false }, { atMs: 3000, price: 25, isYou: true }]);
  });

  it("shows the price, not what was offered below a maximum", () => {
    expect(priceSteps([bid(2, 12, { price: 13 }), bid(1, 10)], undefined).map(({ price }) => price)).toEqual([10, 13]);
  });
});
