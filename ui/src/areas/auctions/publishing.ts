import type { StreamKey } from "../../api/types";

export type Protocol = "rtmp" | "rtmps";

/** The two fields that OBS wants, and the joined address that ffmpeg wants. */
export interface PublishAddress {
  server: string;
  key: string;
  url: string;
}

/** Splits the joined address at its last slash; the server keeps the slash, as OBS and ffmpeg both accept it. */
export function publishAddress({ rtmp_url, rtmps_url }: StreamKey, protocol: Protocol): PublishAddress {
  const url = protocol === "rtmp" && rtmp_url ? rtmp_url : rtmps_url;
  const border = url.lastIndexOf("/") + 1;
  return { server: url.slice(0, border), key: url.slice(border), url };
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
