import { describe, expect, it } from "vitest";
import { ffmpegCommand, mask, publishAddress } from "./publishing";

const KEY = {
  ivs_stream_key: "sk_1", ivs_ingest_endpoint: "h", rtmp_url: "rtmp://h:1935/app/sk_1", rtmps_url: "rtmps://h:443/app/sk_1",
};

describe("publishing", () => {
  it("splits the address into what OBS asks for", () => {
    expect(publishAddress(KEY, "rtmp")).toEqual({ server: "rtmp://h:1935/app/", key: "sk_1", url: KEY.rtmp_url });
  });

  it("falls back to the encrypted address where plain RTMP is off", () => {
    const encrypted = { ivs_stream_key: "sk_1", ivs_ingest_endpoint: "h", rtmps_url: KEY.rtmps_url };
    expect(publishAddress(encrypted, "rtmp").server).toBe("rtmps://h:443/app/");
  });

  it("shows nothing of a masked key", () => {
    expect(mask("sk_secret")).toBe("•••••••••");
    expect(ffmpegCommand(KEY.rtmp_url)).toContain(`'${KEY.rtmp_url}'`);
  });
});
