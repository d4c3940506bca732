import { describe, expect, it } from "vitest";
import { ffmpegCommand, mask, publishAddress, splitAddresses } from "./publishing";

const URLS = { rtmp_url: "rtmp://h:1935/app/sk_1", rtmps_url: "rtmps://h:443/app/sk_1" };
const ingest = splitAddresses(URLS);

describe("publishing", () => {
  it("splits the address into what OBS asks for", () => {
    expect(publishAddress(ingest, "rtmp")).toEqual({ server: "rtmp://h:1935/app/", key: "sk_1", url: URLS.rtmp_url });
    expect(publishAddress(ingest, "rtmps").url).toBe(URLS.rtmps_url);
  });

  it("falls back to the encrypted address where plain RTMP is off", () => {
    expect(publishAddress(splitAddresses({ rtmps_url: URLS.rtmps_url }), "rtmp").server).toBe("rtmps://h:443/app/");
    expect(publishAddress({ key: "sk_1", servers: { rtmp: null, rtmps: "rtmps://h/app/" } }, "rtmp").server).toBe("rtmps://h/app/");
  });

  it("joins server and key with one slash", () => {
    const bare = { key: "sk_1", servers: { rtmps: "rtmps://h:443/app" } };
    expect(publishAddress(bare, "rtmps").url).toBe("rtmps://h:443/app/sk_1");
  });

  it("shows nothing of a masked key", () => {
    expect(mask("sk_secret")).toBe("•••••••••");
    expect(ffmpegCommand(URLS.rtmp_url)).toContain(`'${URLS.rtmp_url}'`);
  });
});
