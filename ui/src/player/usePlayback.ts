import { type RefObject, useEffect, useRef, useState } from "react";
import { Playback, type PlaybackState } from "./playback";

const IDLE: PlaybackState = { phase: "waiting", isMuted: true, latencyS: undefined };

/** Plays `url` in the video element while `isOnAir`; without a url nothing is attached. */
export function usePlayback(
  video: RefObject<HTMLVideoElement | null>,
  url: string | null,
  isOnAir: boolean,
): PlaybackState & { play: () => void } {
  const [state, setState] = useState(IDLE);
  const playback = useRef<Playback>(undefined);

  useEffect(() => {
    const element = video.current;
    if (!element || url === null) return;
    const current = new Playback(element, url, setState);
    playback.current = current;
    return () => {
      current.destroy();
      playback.current = undefined;
      setState(IDLE);
    };
  }, [video, url]);

  useEffect(() => {
    if (isOnAir) playback.current?.wake();
    else playback.current?.hold();
  }, [isOnAir, url]);

  return { ...state, play: () => playback.current?.play() };
}
