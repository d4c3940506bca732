import { Alert, Button, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { IconAlertCircle } from "@tabler/icons-react";
import { useState } from "react";
import { sentence } from "../../../api/error";
import type { Auction, AuctionImage } from "../../../api/types";
import { ApiEcho } from "../../../shell/ApiEcho";
import { Dialog } from "../../../shell/Dialog";
import { moved } from "./order";
import { PictureGrid, type Tile } from "./PictureGrid";
import { useOrderImages, useRemoveImage, useUploads } from "./queries";

/** The seller's pictures: what buyers see, and what is on its way. */
export function PicturesPanel({ auction }: { auction: Auction }) {
  const id = auction.auction_id;
  const { queue, uploads } = useUploads(id);
  const order = useOrderImages(id);
  const [removing, setRemoving] = useState<AuctionImage>();
  const { images } = auction;
  // While the server is asked, the pictures stand where the seller put them.
  const asked = order.isPending ? order.variables : undefined;
  const shown = asked ? [...images].sort((a, b) => asked.indexOf(a.image_id) - asked.indexOf(b.image_id)) : images;
  const tiles: Tile[] = [
    ...shown.map(({ image_id, thumbnail_url }) => ({ key: image_id, url: thumbnail_url, isPlaced: true })),
    ...uploads.map(({ key, previewUrl, sent, error, mayRetry }) => ({ key, url: previewUrl, sent, error, mayRetry, isPlaced: false })),
  ];
  const remove = (key: string) => {
    const image = images.find(({ image_id }) => image_id === key);
    if (image) setRemoving(image);
    else queue.drop(key);
  };
  return (
    <Paper withBorder p={{ base: "md", sm: "xl" }} component="section" aria-labelledby="pictures">
      <Stack gap="md">
        <div>
          <Title order={2} id="pictures">Pictures</Title>
          <Text size="sm" c="dimmed">The first one stands for the lot in lists, and for the video while you are off air.</Text>
        </div>
        {order.error && <Alert role="alert" color="live" icon={<IconAlertCircle />} title={sentence(order.error)} />}
        <PictureGrid
          tiles={tiles} isBusy={order.isPending} onAdd={(files) => queue.add(files)} onRemove={remove}
          onMove={(from, to) => order.mutate(moved(shown.map(({ image_id }) => image_id), from, to))}
          onRetry={(key) => queue.retry(key)}
        />
        <ApiEcho method="POST" path={`/api/auctions/${id}/images/order`} body={{ ids: shown.map(({ image_id }) => image_id) }} isAuthorised />
      </Stack>
      <RemovePicture id={id} image={removing} onDone={() => setRemoving(undefined)} />
    </Paper>
  );
}

function RemovePicture({ id, image, onDone }: { id: string; image: AuctionImage | undefined; onDone: () => void }) {
  const remove = useRemoveImage(id);
  const close = () => {
    remove.reset();
    onDone();
  };
  return (
    <Dialog title="Remove this picture?" isOpen={image !== undefined} onClose={close}>
      {image && <img src={image.thumbnail_url} alt="" style={{ maxBlockSize: "14rem", maxInlineSize: "100%", objectFit: "contain" }} />}
      <Text>Buyers do not see it any more, and its file is deleted.</Text>
      {remove.error && <Alert role="alert" color="live" icon={<IconAlertCircle />} title={sentence(remove.error)} />}
      <Group justify="end">
        <Button variant="default" onClick={close}>Keep it</Button>
        <Button
          color="live" data-autofocus loading={remove.isPending}
          onClick={() => image && remove.mutate(image.image_id, { onSuccess: close })}
        >
          Remove
        </Button>
      </Group>
    </Dialog>
  );
}
