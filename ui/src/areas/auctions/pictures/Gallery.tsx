import { ActionIcon, Modal } from "@mantine/core";
import { IconChevronLeft, IconChevronRight, IconX } from "@tabler/icons-react";
import { useState } from "react";
import type { AuctionImage } from "../../../api/types";
import classes from "./Gallery.module.css";

/** The lot's pictures as thumbnails; each opens large, and the arrow keys go through them. */
export function Gallery({ images, title }: { images: readonly AuctionImage[]; title: string }) {
  const [open, setOpen] = useState<number>();
  const [broken, setBroken] = useState<readonly string[]>([]);
  const shown = images.filter(({ image_id }) => !broken.includes(image_id));
  if (shown.length === 0) return null;
  return (
    <section aria-label="Pictures">
      <ul className={classes.thumbnails} data-testid="gallery">
        {shown.map(({ image_id, thumbnail_url }, index) => (
          <li key={image_id}>
            <button type="button" className={classes.thumbnail} onClick={() => setOpen(index)}>
              <img
                src={thumbnail_url} alt={`${title}, ${index + 1} of ${shown.length}, show it large`} loading="lazy"
                onError={() => setBroken((known) => [...known, image_id])}
              />
            </button>
          </li>
        ))}
      </ul>
      <Large images={shown} title={title} index={open} onShow={setOpen} />
    </section>
  );
}

interface LargeProps {
  images: readonly AuctionImage[];
  title: string;
  index: number | undefined;
  onShow: (index: number | undefined) => void;
}

function Large({ images, title, index, onShow }: LargeProps) {
  const { length } = images;
  const image = index === undefined ? undefined : images[Math.min(index, length - 1)];
  const go = (by: number) => onShow(((index ?? 0) + by + length) % length);
  return (
    <Modal.Root
      opened={image !== undefined} onClose={() => onShow(undefined)} size="auto" centered padding={0}
      classNames={{ content: classes.large ?? "", body: classes.body ?? "" }}
      onKeyDown={(event) => {
        if (length < 2) return;
        if (event.key === "ArrowLeft") go(-1);
        if (event.key === "ArrowRight") go(1);
      }}
    >
      <Modal.Overlay />
      <Modal.Content aria-label={`Pictures of ${title}`}>
        <Modal.Body>
          {image && (
            <figure className={classes.figure}>
              <img
                src={image.url} alt={`${title}, ${(index ?? 0) + 1} of ${length}`}
                {...(image.width && image.height ? { width: image.width, height: image.height } : {})}
              />
              <figcaption className={classes.caption}>
                {length > 1 && (
                  <ActionIcon variant="subtle" color="gray" size="lg" aria-label="Previous picture" onClick={() => go(-1)}>
                    <IconChevronLeft aria-hidden />
                  </ActionIcon>
                )}
                <span aria-live="polite" className="figures">{(index ?? 0) + 1} of {length}</span>
                {length > 1 && (
                  <ActionIcon variant="subtle" color="gray" size="lg" aria-label="Next picture" data-autofocus onClick={() => go(1)}>
                    <IconChevronRight aria-hidden />
                  </ActionIcon>
                )}
                <ActionIcon variant="subtle" color="gray" size="lg" aria-label="Close" className={classes.close ?? ""} onClick={() => onShow(undefined)}>
                  <IconX aria-hidden />
                </ActionIcon>
              </figcaption>
            </figure>
          )}
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}
