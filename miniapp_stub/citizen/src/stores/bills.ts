// What is owed, how it came about, and paying it. Amounts are whole fen everywhere.
import type { Text } from "@/i18n";
import { ask, newKey } from "@/platform/http";
import { ownChannel, type ClientOrder } from "@/platform/pay";
import { keep, kept } from "@/platform/storage";
import type { Named } from "./catalogue";
import { session } from "./session";

export interface Bill {
  id: string;
  payment_code: string;
  kind: string;
  title: Text;
  department: Named;
  state: "unpaid" | "paying" | "paid" | "withdrawn" | "waived";
  amount_fen: number;
  principal_fen: number;
  due_on: string | null;
  overdue_days: number;
  payer_masked: string | null;
  order: { id: string; state: string } | null;
  receipt: { id: string } | null;
  /** Told with one bill: whose it is, when it is not the reader's own. */
  on_behalf_of?: { id: string; name: string } | null;
}
export interface BillDetail extends Bill {
  lines: { name: Text; amount_fen: number; basis: Text | string | null; explanation: Text | string | null }[];
  legal_basis: Text | string | null;
  surcharge: { rule: Text; days: number; amount_fen: number; capped: boolean; explanation: Text | string } | null;
  note: Text | string | null;
}
export interface Order {
  id: string;
  state: "opened" | "awaiting_payer" | "confirming" | "paid" | "closed" | "refunding" | "refunded";
  amount_fen: number;
  channel: string;
  bills: { id: string; title: Text; amount_fen: number }[];
  client: ClientOrder | null;
  confirming: { since: string; age_s: number; next_check_at: string | null } | null;
  paid_at: string | null;
  receipts: string[];
}
export interface Receipt {
  id: string;
  number: string | null;
  code: string | null;
  check_code: string | null;
  payer_masked: string;
  amount_fen: number;
  lines: { name: Text; amount_fen: number }[];
  issued_at: string;
  issuer: Text;
  status: "issued" | "reversed" | "red";
  reverses: string | null;
  replaces: string | null;
  reversed_by: string | null;
  replaced_by: string | null;
  verify_url: string;
  pdf_url: string;
}

export const KIND_ICONS: Record<string, string> = { traffic_fine: "car", tuition: "school", social_insurance: "shield", exam_fee: "edit" };
export const kindIcon = (kind: string): string =>
  KIND_ICONS[kind] ?? (/traffic|fine/.test(kind) ? "car" : /tuition|school/.test(kind) ? "school" : /insur/.test(kind) ? "shield" : /exam/.test(kind) ? "edit" : "bill");

export const bills = (state: string, whose = ""): Promise<{ items: Bill[] }> => ask(`/bills?state=${state}&limit=50${whose}`);
export const bill = (id: string): Promise<BillDetail> => ask(`/bills/${id}`);
export const order = (id: string): Promise<Order> => ask(`/orders/${id}`);
export const receipt = (id: string): Promise<Receipt> => ask(`/receipts/${id}`);
export const resendReceipt = (id: string): Promise<void> => ask(`/receipts/${id}/notice`, { method: "POST", key: newKey(), body: {} });
export const confirmOrder = (id: string): Promise<Order> => ask(`/orders/${id}/confirmation`, { method: "POST" });

export interface Way {
  channel: string;
  name: Text;
}
/** The channels this office is connected to. */
export const ways = (): Promise<{ items: Way[] }> => ask("/payment-channels", { anonymous: true });

const LIVE = ["opened", "awaiting_payer"];

/** The order to pay: the one already open for this bill, else a new one. One key per bill and amount, so a double tap opens one. */
export async function orderFor(of: Bill, channel: string): Promise<Order> {
  if (of.order && [...LIVE, "confirming"].includes(of.order.state)) {
    const open = await order(of.order.id);
    if (open.state === "confirming" || open.state === "paid") return open;
    if (LIVE.includes(open.state) && open.client && open.channel === channel) return open;
  }
  const name = `key.order.${of.id}.${of.amount_fen}.${channel}`;
  const last = kept<{ key: string; at: number } | null>(name, null);
  const key = last && Date.now() - last.at < 60_000 ? last.key : newKey();
  keep(name, { key, at: Date.now() });
  return ask<Order>("/orders", { method: "POST", key, body: { bills: [of.id], channel, scene: "miniapp", ...(of.on_behalf_of ? { on_behalf_of: of.on_behalf_of.id } : {}) } });
}

/**
 * One order over several bills. One key per bills and amounts, so a double tap opens one. Where somebody has no account, a
 * code is asked for, which whoever scans it can pay.
 */
export async function orderForAll(of: Bill[], channel: string, onBehalfOf: string): Promise<Order> {
  const name = `key.order.${of.map((one) => `${one.id}.${one.amount_fen}`).sort().join(".")}.${channel}`.slice(0, 400);
  const last = kept<{ key: string; at: number } | null>(name, null);
  const key = last && Date.now() - last.at < 60_000 ? last.key : newKey();
  keep(name, { key, at: Date.now() });
  return ask<Order>("/orders", { method: "POST", key, body: { bills: of.map((one) => one.id), channel, scene: channel === (ownChannel() || session.platform) ? "miniapp" : "qr", ...(onBehalfOf ? { on_behalf_of: onBehalfOf } : {}) } });
}

/** Demonstration only: the sandbox's payer pays or turns away. Refused by a server that is not in demonstration. */
export const demoPay = (id: string, outcome: "pay" | "cancel"): Promise<unknown> =>
  ask("/demo/pay", { method: "POST", body: { order: id, outcome } });
