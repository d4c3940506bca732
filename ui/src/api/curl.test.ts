import { describe, expect, it } from "vitest";
import { curl } from "./curl";

describe("curl", () => {
  it("writes a call that a shell can run", () => {
    const call = curl({ method: "POST", path: "/api/auctions", body: { title: "Ada's watch" }, isAuthorised: true }, "https://x.test");
    expect(call).toBe(
      `curl -X POST 'https://x.test/api/auctions' \\\n  -H "Authorization: Bearer $ROSTRUM_TOKEN" \\\n` +
        `  -H 'Content-Type: application/json' \\\n  -d '{\n  "title": "Ada'\\''s watch"\n}'`,
    );
  });

  it("never shows a password", () => {
    const call = curl({ method: "POST", path: "/api/auth/login", body: { email: "a@b.c", password: "hunter22" } }, "");
    expect(call).not.toContain("hunter22");
  });
});
