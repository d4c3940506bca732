import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useSyncExternalStore } from "react";
import { api, unwrap } from "../../../api/client";
import { toApiError } from "../../../api/error";
import type { Auction, AuctionImage } from "../../../api/types";
import { auctionKeys } from "../queries";
import { type Upload, type UploadQueue, uploadsOf } from "./uploads";

/** The auction with other pictures; the first one stands for it. */
function withImages(auction: Auction, images: AuctionImage[]): Auction {
  return {
    ...auction,
    images,
    gallery_images: images.map(({ url }) => url),
    image_url: images[0]?.url ?? null,
    thumbnail_url: images[0]?.thumbnail_url ?? null,
  };
}

/** Writes what the server answered into what the pages show. */
function useShowImages(id: string) {
  const queries = useQueryClient();
  return (change: (images: AuctionImage[]) => AuctionImage[]) => {
    queries.setQueryData<Auction>(auctionKeys.one(id), (known) => known && withImages(known, change(known.images)));
    void queries.invalidateQueries({ queryKey: auctionKeys.lists });
  };
}

/** The files on their way to an auction; those that arrive are shown among its pictures. */
export function useUploads(id: string): { queue: UploadQueue<AuctionImage>; uploads: readonly Upload[] } {
  const queue = uploadsOf(id);
  const show = useShowImages(id);
  const uploads = useSyncExternalStore(queue.subscribe, queue.current);
  useEffect(() => queue.onTaken((image) => show((images) => [...images.filter(({ image_id }) => image_id !== image.image_id), image])));
  return { queue, uploads };
}

export function useOrderImages(id: string) {
  const show = useShowImages(id);
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (ids: string[]) =>
      unwrap(api.POST("/api/auctions/{id}/images/order", { params: { path: { id } }, body: { ids } })),
    onSuccess: ({ images }) => show(() => images),
    // Somebody else may have changed them meanwhile.
    onError: () => queries.invalidateQueries({ queryKey: auctionKeys.one(id) }),
  });
}

export function useRemoveImage(id: string) {
  const show = useShowImages(id);
  return useMutation({
    mutationFn: async (imageId: string) => {
      const path = { id, image_id: imageId };
      const { error, response } = await api.DELETE("/api/auctions/{id}/images/{image_id}", { params: { path } });
      // Gone already is what was wanted.
      if (!response.ok && response.status !== 404) throw toApiError(response, error);
      return imageId;
    },
    onSuccess: (imageId) => show((images) => images.filter(({ image_id }) => image_id !== imageId)),
  });
}
