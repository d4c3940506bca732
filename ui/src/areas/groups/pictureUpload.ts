import { useEffect, useSyncExternalStore } from "react";
import type { Group, GroupAnswer } from "../../api/types";
import { type Upload, upload, UploadQueue } from "../auctions/pictures/uploads";
import { useShowGroup } from "./queries";

// They outlive the page: one may walk on while a picture is sent.
const queues = new Map<string, UploadQueue<GroupAnswer>>();

function queueOf({ ownerId, groupId }: Group): UploadQueue<GroupAnswer> {
  let queue = queues.get(groupId);
  if (!queue) {
    const path = `/users/${ownerId}/groups/${groupId}/image`;
    queue = new UploadQueue((file, onProgress, stop) => upload(path, file, onProgress, stop));
    queues.set(groupId, queue);
  }
  return queue;
}

/** The picture on its way to a group, if any; the group is shown with it once the server took it. */
export function usePictureUpload(group: Group): { queue: UploadQueue<GroupAnswer>; sending: Upload | undefined } {
  const queue = queueOf(group);
  const show = useShowGroup();
  const uploads = useSyncExternalStore(queue.subscribe, queue.current);
  useEffect(() => queue.onTaken((taken) => show(taken.group)));
  return { queue, sending: uploads[0] };
}
