import { IconEye } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { Notice } from "../../player/Notice";
import { Player } from "../../player/Player";
import { count } from "../../shell/format";
import type { Video } from "../../api/types";
import type { ChannelState } from "./types";

export interface ChannelPictureProps {
  name: string;
  url: string;
  state: ChannelState;
  video: Video;
  poster?: string | null;
  /** What is said below the words for a quiet channel, such as when it goes on. */
  next?: ReactNode;
}

/** The picture of a channel, and the server's word in its place while there is none. */
export function ChannelPicture({ name, url, state, video, poster = null, next }: ChannelPictureProps) {
  const isLive = video.state === "live";
  return (
    <Player
      url={url} title={`Live video of ${name}`} isOnAir={isLive} poster={poster}
      notice={video.state === "interrupted" ? INTERRUPTED : null}
      empty={<Waiting state={state} video={video} next={next} />}
      badges={isLive && <span data-testid="viewers"><IconEye size={15} aria-hidden />{count(video.viewers, "viewer")}</span>}
    />
  );
}

const INTERRUPTED = <Notice title="Interrupted" isBusy>The picture will come back.</Notice>;

function Waiting({ state, video, next }: { state: ChannelState; video: Video; next: ReactNode }) {
  if (video.state === "live") return <Notice title="The picture is on its way" isBusy />;
  if (state === "OFFLINE") return <Notice title="This channel is switched off">{next}</Notice>;
  if (state === "LIVE") {
    return <Notice title="It is about to begin" isBusy>The picture starts here by itself.</Notice>;
  }
  return (
    <Notice title={video.state === "ended" ? "The broadcast has ended" : "Nobody is on air"}>
      {next ?? "When somebody goes live, the picture starts here by itself."}
    </Notice>
  );
}
