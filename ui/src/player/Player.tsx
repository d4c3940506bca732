import {
  IconMaximize, IconMinimize, IconPlayerPauseFilled, IconPlayerPlayFilled, IconVolume, IconVolumeOff,
} from "@tabler/icons-react";
import { type KeyboardEvent, type ReactNode, useRef, useSyncExternalStore } from "react";
import classes from "./Player.module.css";
import { Notice } from "./Notice";
import type { Phase } from "./playback";
import { usePlayback } from "./usePlayback";

const UNSUPPORTED = (
  <Notice title="This browser cannot play live video">Any current browser can: Chrome, Edge, Firefox or Safari.</Notice>
);

export interface PlayerProps {
  /** The playlist; null while there is none. */
  url: string | null;
  /** Names the picture for screen readers. */
  title: string;
  /** Whether to look for the picture. A page that is told by the server passes what it was told. */
  isOnAir: boolean;
  poster?: string | null;
  /** Stands in the picture's place whatever it does: an interruption, the result. */
  notice?: ReactNode;
  /** Stands there until the first frame comes. */
  empty?: ReactNode;
  /** Badges beside LIVE, such as viewers or the time left. */
  badges?: ReactNode;
}

const LOST = <Notice title="Interrupted" isBusy>The picture will come back.</Notice>;

/** The live picture with its badges and controls. Works by keyboard: K pause, M sound, F full screen. */
export function Player({ url, title, isOnAir, poster, notice, empty, badges }: PlayerProps) {
  const frame = useRef<HTMLDivElement>(null);
  const video = useRef<HTMLVideoElement>(null);
  const { phase, isMuted, latencyS, play } = usePlayback(video, url, isOnAir);
  const isFullscreen = useIsFullscreen(frame);
  const hasFrames = phase === "playing" || phase === "stalled" || phase === "paused";
  const hasPicture = hasFrames && !notice;
  const overlay = notice ?? ownNotice(phase, empty);

  const toggleSound = () => {
    if (video.current) video.current.muted = !video.current.muted;
  };
  const togglePlay = () => (video.current?.paused ? play() : video.current?.pause());
  const toggleFullscreen = () => {
    if (document.fullscreenElement) void document.exitFullscreen();
    else void frame.current?.requestFullscreen();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const action = { k: togglePlay, m: toggleSound, f: toggleFullscreen }[event.key.toLowerCase()];
    if (!action) return;
    event.preventDefault();
    action();
  };

  return (
    // The keys are shortcuts for the buttons inside, which remain reachable one by one.
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions
    <div ref={frame} className={classes.frame} data-testid="player" data-phase={phase} onKeyDown={onKeyDown}>
      <video ref={video} className={classes.video} muted playsInline aria-label={title} data-testid="video" />
      {(phase === "waiting" || phase === "loading") && poster && <img className={classes.poster} src={poster} alt="" />}
      {/* Always there, so that screen readers hear what appears in it. */}
      <div className={classes.notice} role="status">{overlay}</div>
      <span className="visually-hidden" role="status">{hasPicture && isOnAir && "The live picture is playing"}</span>
      {hasPicture && phase === "stalled" && <div className={classes.spinner} aria-hidden />}
      <div className={classes.top}>
        {hasPicture && isOnAir && (
          <span className={classes.live} data-testid="live-badge">
            <span className="live-dot" />
            LIVE
          </span>
        )}
        {badges}
      </div>
      {hasPicture && isMuted && (
        <button type="button" className={classes.unmute} onClick={toggleSound}>
          <IconVolumeOff size={20} aria-hidden />
          Turn on sound
        </button>
      )}
      {phase === "blocked" && !notice && (
        <button type="button" className={classes.unmute} onClick={play}>
          <IconPlayerPlayFilled size={20} aria-hidden />
          Watch live
        </button>
      )}
      {hasPicture && (
        <div className={classes.controls}>
          <Control label={phase === "paused" ? "Play live (K)" : "Pause (K)"} onClick={togglePlay}>
            {phase === "paused" ? <IconPlayerPlayFilled size={20} /> : <IconPlayerPauseFilled size={20} />}
          </Control>
          <Control label={isMuted ? "Turn on sound (M)" : "Turn off sound (M)"} onClick={toggleSound}>
            {isMuted ? <IconVolumeOff size={20} /> : <IconVolume size={20} />}
          </Control>
          <span className={classes.latency} title="How far the picture is behind the moment it reached the server">
            {latencyS !== undefined && (
              <>
                <span data-testid="latency" data-seconds={latencyS.toFixed(3)}>
                  {latencyS.toFixed(1)} s
                </span>{" "}
                behind live
              </>
            )}
          </span>
          <Control label={isFullscreen ? "Leave full screen (F)" : "Full screen (F)"} onClick={toggleFullscreen}>
            {isFullscreen ? <IconMinimize size={20} /> : <IconMaximize size={20} />}
          </Control>
        </div>
      )}
    </div>
  );
}

function ownNotice(phase: Phase, empty: ReactNode): ReactNode {
  switch (phase) {
    case "lost":
      return LOST;
    case "unsupported":
      return UNSUPPORTED;
    case "waiting":
    case "loading":
      return empty;
    default:
      return null;
  }
}

function Control({ label, onClick, children }: { label: string; onClick: () => void; children: ReactNode }) {
  return (
    <button type="button" className={classes.control} aria-label={label} title={label} onClick={onClick}>
      {children}
    </button>
  );
}

function useIsFullscreen(frame: React.RefObject<HTMLElement | null>): boolean {
  return useSyncExternalStore(subscribeFullscreen, () => document.fullscreenElement === frame.current && !!frame.current);
}

function subscribeFullscreen(listener: () => void): () => void {
  document.addEventListener("fullscreenchange", listener);
  return () => document.removeEventListener("fullscreenchange", listener);
}
