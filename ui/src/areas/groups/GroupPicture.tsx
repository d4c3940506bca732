import { Button, Group as Line, Stack, Text } from "@mantine/core";
import { IconPhotoPlus, IconPlaylist, IconRefresh, IconTrash } from "@tabler/icons-react";
import { useRef } from "react";
import { sentence } from "../../api/error";
import type { Group } from "../../api/types";
import { Poster } from "../../shell/Poster";
import { useDragging } from "../auctions/pictures/dragging";
import { ACCEPTED } from "../auctions/pictures/order";
import classes from "./GroupPicture.module.css";
import { usePictureUpload } from "./pictureUpload";
import { useRemovePicture } from "./queries";

/** The group's picture: chosen or dropped, shown while it is sent, replaced or taken away. */
export function GroupPicture({ group }: { group: Group }) {
  const frame = useRef<HTMLDivElement>(null);
  const input = useRef<HTMLInputElement>(null);
  const { queue, sending } = usePictureUpload(group);
  const remove = useRemovePicture(group);
  const send = (files: FileList | null) => {
    const file = files?.[0];
    if (!file) return;
    // The last one chosen is the one that is meant.
    queue.current().forEach(({ key }) => queue.drop(key));
    queue.add([file]);
  };
  useDragging(frame, { isEnabled: false, onFiles: send, onMove: () => undefined });
  const isSending = sending !== undefined && sending.error === undefined;
  return (
    <Stack gap="sm">
      <div ref={frame} className={classes.frame} data-faded={isSending || undefined} data-testid="group-picture">
        <Poster
          url={sending?.error === undefined ? sending?.previewUrl ?? group.imageUrl : group.imageUrl} title={group.name}
          icon={<IconPlaylist size={52} stroke={1.2} />}
        />
        {isSending && (
          <progress
            className={classes.progress} value={sending.sent >= 1 ? undefined : sending.sent}
            aria-label={sending.sent >= 1 ? "Preparing the picture" : "Sending the picture"}
          />
        )}
      </div>
      {sending?.error !== undefined && <Text size="sm" c="var(--mantine-color-error)" role="alert">{sending.error}</Text>}
      {remove.error && <Text size="sm" c="var(--mantine-color-error)" role="alert">{sentence(remove.error)}</Text>}
      <input
        ref={input} type="file" accept={ACCEPTED} className="visually-hidden" tabIndex={-1} aria-label="Picture file" data-testid="picture-input"
        onChange={(event) => {
          send(event.currentTarget.files);
          // The same file can be chosen again.
          event.currentTarget.value = "";
        }}
      />
      <Line gap="xs">
        <Button size="xs" variant="light" leftSection={<IconPhotoPlus size={16} aria-hidden />} onClick={() => input.current?.click()}>
          {group.imageUrl ? "Replace the picture" : "Choose a picture"}
        </Button>
        {sending?.mayRetry && (
          <Button size="xs" variant="default" leftSection={<IconRefresh size={16} aria-hidden />} onClick={() => queue.retry(sending.key)}>Send again</Button>
        )}
        {group.imageUrl && !isSending && (
          <Button size="xs" variant="subtle" color="gray" leftSection={<IconTrash size={16} aria-hidden />} loading={remove.isPending} onClick={() => remove.mutate()}>
            Take it away
          </Button>
        )}
      </Line>
      <Text size="xs" c="dimmed">Or drop one here. JPEG, PNG, WebP or GIF, up to 12 MB; place and camera data are removed.</Text>
    </Stack>
  );
}
