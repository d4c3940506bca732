import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { authorisedFetch } from "../../api/client";
import { toApiError } from "../../api/error";

/** How one part of the installation is. */
export interface Check {
  name: string;
  status: "ok" | "warn" | "fail";
  /** What was found. */
  detail: string;
  /** What to do about it: a command, a setting or a sentence. */
  fix: string | null;
}

/** What the doctor found. */
export interface Examination {
  checks: Check[];
  /** RFC 3339. */
  checkedAt: string;
}

/** What one owner's video has cost in a span of days. */
export interface CostItem {
  owner_kind: string;
  owner_id: string;
  name: string;
  input_hours: number;
  viewer_hours: number;
  total_cost: number;
}

/** What the broadcasts that began on a day have cost. */
export interface DayCost {
  /** `2026-11-21`, UTC. */
  date: string;
  total_cost: number;
}

/** What all video has cost in a span of days. */
export interface Costs {
  currency: string;
  price_list: string;
  /** False on an engine of one's own: then this is what it would cost. */
  is_billed: boolean;
  items: CostItem[];
  total_cost: number;
  /** What each day with a broadcast has cost, oldest first. */
  days: DayCost[];
}

/** Looks at every part, which takes a moment: asked for, never repeated by itself. */
export function useExamination() {
  return useQuery({
    queryKey: ["admin", "doctor"],
    queryFn: () => ask<Examination>("/api/doctor"),
    staleTime: Infinity,
    refetchOnReconnect: false,
  });
}

export function useCosts(days: number) {
  return useQuery({
    queryKey: ["admin", "costs", days],
    placeholderData: keepPreviousData,
    queryFn: () => ask<Costs>(`/api/costs?days=${days}`),
  });
}

async function ask<T>(path: string): Promise<T> {
  const response = await authorisedFetch(new Request(path));
  const body: unknown = await response.json().catch(() => undefined);
  if (!response.ok) throw toApiError(response, body);
  return body as T;
}
