// Windows that can be booked, and one's own bookings.
import type { Text } from "@/i18n";
import { ask, newKey } from "@/platform/http";
import { behalf, behalfBody } from "./acting";

export interface Slot {
  starts_at: string;
  ends_at: string;
  left: number;
}
export interface Place {
  code: string;
  name: Text;
  address: Text;
  phone: string;
}
export interface PlaceSlots extends Place {
  days: { day: string; slots: Slot[] }[];
}
export interface Slots {
  item: string;
  name: Text;
  places: PlaceSlots[];
}
export interface Booking {
  id: string;
  code: string;
  qr_url: string;
  state: "booked" | "checked_in" | "cancelled" | "no_show";
  state_text: Text;
  item: { code: string; name: Text };
  place: Place;
  starts_at: string;
  ends_at: string;
  on_behalf_of: string | null;
  actions: string[];
  timeline: { at: string; text: Text; starts_at: string }[];
}
export const TONES: Record<string, "" | "brand" | "success" | "warn" | "danger"> = { booked: "brand", checked_in: "success", no_show: "danger" };
export const ICONS: Record<string, string> = { booked: "clock", checked_in: "check", cancelled: "close", no_show: "alert" };

export const slots = (item: string): Promise<Slots> => ask(`/booking-slots?item=${encodeURIComponent(item)}`, { anonymous: true });
export const bookings = (): Promise<{ items: Booking[] }> => ask(`/bookings?limit=50${behalf()}`);
export const booking = (id: string): Promise<Booking> => ask(`/bookings/${id}`);
/** `key` stays the same for every try of the same wish. */
export const book = (item: string, place: string, startsAt: string, key: string): Promise<Booking> =>
  ask("/bookings", { method: "POST", key, body: { item, place, starts_at: startsAt, ...behalfBody() } });
export const rebook = (id: string, place: string, startsAt: string, key: string): Promise<Booking> =>
  ask(`/bookings/${id}/moving`, { method: "POST", key, body: { place, starts_at: startsAt } });
export const cancelBooking = (id: string): Promise<Booking> => ask(`/bookings/${id}/cancellation`, { method: "POST", key: newKey(), body: {} });
