// One's own work orders: what could not be settled on the spot.
import type { Text } from "@/i18n";
import { ask, newKey } from "@/platform/http";

export interface OrderSummary {
  id: string;
  number: string;
  kind: string;
  kind_text: Text;
  state: string;
  state_text: Text;
  title: string;
  item: { code: string; name: Text } | null;
  department: { code: string; name: Text };
  opened_at: string;
  due_on: string;
  answered_at: string | null;
}
export interface Order extends OrderSummary {
  words: string;
  answer: string;
  photos: { id: string; url: string; thumbnail_url: string }[];
  holder_name: string | null;
  conversation: string | null;
  reply_until: string | null;
  actions: string[];
  timeline: { at: string; what: string; text: Text; by: Text; note: string }[];
}
export const TONES: Record<string, "" | "brand" | "success" | "warn" | "danger"> = {
  open: "brand", returned: "warn", accepted: "brand", answered: "success", reopened: "warn", confirmed: "success",
};
export const ICONS: Record<string, string> = { open: "clock", returned: "clock", accepted: "clock", answered: "chat", reopened: "refresh", confirmed: "check", closed: "check" };
export const GOING = ["open", "returned", "accepted", "reopened"];

export const orders = (): Promise<{ items: OrderSummary[] }> => ask("/work-orders?limit=50");
export const order = (id: string): Promise<Order> => ask(`/work-orders/${id}`);
export const confirmOrder = (id: string): Promise<Order> => ask(`/work-orders/${id}/confirmation`, { method: "POST", key: newKey(), body: {} });
export const reopenOrder = (id: string, reason: string): Promise<Order> =>
  ask(`/work-orders/${id}/reopening`, { method: "POST", key: newKey(), body: { reason } });
