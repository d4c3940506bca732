import { useMutation, useQuery } from "@tanstack/react-query";
import { api, unwrap } from "../../../api/client";
import { channelKeys, useForgetChannels } from "../queries";

export function useBookings(id: string) {
  return useQuery({
    queryKey: channelKeys.part(id, "bookings"),
    queryFn: async () => (await unwrap(api.GET("/admin/channels/{id}/bookings", { params: { path: { id } } }))).bookings,
  });
}

export interface NewBooking {
  hostUserId: string;
  startsAt: string;
  endsAt: string;
  note?: string;
}

export function useAddBooking(id: string) {
  const forget = useForgetChannels();
  return useMutation({
    mutationFn: (body: NewBooking) => unwrap(api.POST("/admin/channels/{id}/bookings", { params: { path: { id } }, body })),
    onSettled: forget,
  });
}

export function useRemoveBooking(id: string) {
  const forget = useForgetChannels();
  return useMutation({
    mutationFn: (bookingId: string) =>
      unwrap(api.DELETE("/admin/channels/{id}/bookings/{booking_id}", { params: { path: { id, booking_id: bookingId } } })),
    onSettled: forget,
  });
}
