export type Protocol = "rtmp" | "rtmps";

/** Where and with which key to publish. */
export interface Ingest {
  key: string;
  /** Addresses without the key; plain RTMP is absent where it is off. */
  servers: { rtmp?: string | null; rtmps: string };
}

/** The two fields that OBS wants, and the joined address that ffmpeg wants. */
export interface PublishAddress {
  server: string;
  key: string;
  url: string;
}

/** What to publish to; the server ends in a slash, as OBS and ffmpeg both accept it. */
export function publishAddress({ key, servers }: Ingest, protocol: Protocol): PublishAddress {
  const address = protocol === "rtmp" && servers.rtmp ? servers.rtmp : servers.rtmps;
  const server = address.endsWith("/") ? address : `${address}/`;
  return { server, key, url: server + key };
}

/** Splits addresses that have the key at their end, at the last slash. */
export function splitAddresses({ rtmp_url, rtmps_url }: { rtmp_url?: string; rtmps_url: string }): Ingest {
  const serverOf = (url: string) => url.slice(0, url.lastIndexOf("/") + 1);
  return {
    key: rtmps_url.slice(rtmps_url.lastIndexOf("/") + 1),
    servers: { rtmps: serverOf(rtmps_url), ...(rtmp_url ? { rtmp: serverOf(rtmp_url) } : {}) },
  };
}

/** A key as it may stand on a shared screen. */
export function mask(key: string): string {
  return "•".repeat(Math.min(24, key.length));
}

/** A test picture with sound, encoded for a short delay. */
export function ffmpegCommand(url: string): string {
  return [
    "ffmpeg -re",
    "-f lavfi -i testsrc2=size=1280x720:rate=30",
    "-f lavfi -i sine=frequency=440:sample_rate=48000",
    "-c:v libx264 -preset veryfast -tune zerolatency -pix_fmt yuv420p",
    "-g 60 -b:v 2500k -c:a aac -b:a 128k",
    `-f flv '${url}'`,
  ].join(" \\\n  ");
}
