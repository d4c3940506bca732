import { useQuery } from "@tanstack/react-query";
import { api, unwrap } from "../../../api/client";
import { timed } from "../../../api/clock";
import { channelKeys } from "../queries";

/** A channel as everybody may see it. */
export function useOpenChannel(id: string) {
  return useQuery({
    queryKey: channelKeys.open(id),
    queryFn: () =>
      timed(
        () => unwrap(api.GET("/api/channels/{id}", { params: { path: { id } } })),
        (channel) => channel.server_time_ms,
      ),
  });
}
