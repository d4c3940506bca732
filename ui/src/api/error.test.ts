import { describe, expect, it } from "vitest";
import { ApiError, fieldErrors, sentence, toApiError } from "./error";

const answer = (status: number, headers: Record<string, string> = {}) => new Response(null, { status, headers });

describe("errors of the server", () => {
  it("keeps the fields and the sentence", () => {
    const error = toApiError(answer(400), { error: "Validation error", details: [{ field: "title", message: "is too long" }] });
    expect(error.details).toEqual([{ field: "title", message: "is too long" }]);
    expect(sentence(error)).toBe("Please look at the marked fields.");
  });

  it("adds the cause of a provider's failure", () => {
    const error = toApiError(answer(502), { error: "Failed to create IVS channel", details: [{ cause: "quota exceeded" }] });
    expect(sentence(error)).toBe("Failed to create IVS channel: quota exceeded");
  });

  it("says when to come back", () => {
    expect(sentence(toApiError(answer(429, { "retry-after": "30" }), { error: "Too many attempts" }))).toBe(
      "Too many attempts. Try again in 30 s.",
    );
  });

  it("survives an answer that is not ours", () => {
    expect(sentence(toApiError(answer(503), "<html>"))).toBe("The server answered 503");
  });
});

describe("fieldErrors", () => {
  it("leaves out what the field's label says already", () => {
    const error = new ApiError(400, "Validation error", [
      { field: "starting_bid", message: "starting_bid must be more than 0" },
      { field: "images.0", message: "not an image" },
      { field: "", message: "the provider was busy" },
    ]);
    expect(fieldErrors(error)).toEqual({ starting_bid: "Must be more than 0", "0": "Not an image" });
  });

  it("has nothing to say about other failures", () => expect(fieldErrors(new TypeError("x"))).toEqual({}));
});
