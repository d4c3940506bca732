import { useQuery } from "@tanstack/react-query";
import { api, unwrap } from "../../api/client";

const PERIOD_MS = 5000;

/** What an auction's video has cost; asked again every few seconds while it can grow. */
export function useCost(id: string, isLive: boolean) {
  return useQuery({
    queryKey: ["auctions", "cost", id],
    queryFn: () => unwrap(api.GET("/api/auctions/{id}/cost", { params: { path: { id } } })),
    refetchInterval: isLive ? PERIOD_MS : false,
  });
}
