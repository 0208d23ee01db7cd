// How what is due came about, what was asked for about it, and finding a bill by its code.
import type { Text } from "@/i18n";
import { ask, newKey } from "@/platform/http";
import type { Bill } from "./bills";
import type { Named } from "./catalogue";

export interface Step {
  name: Text;
  amount_fen: number;
  explanation: Text;
  basis: Text | null;
}
export interface Part {
  place: number;
  amount_fen: number;
  due_on: string;
  state: "paid" | "now" | "later";
}
export interface Amendment {
  id: string;
  kind: string;
  kind_text: Text;
  state: string;
  state_text: Text;
  asked_at: string;
  reason: string;
  refusal: string | null;
  can_take_back: boolean;
}
export interface Dues {
  built: Step[];
  plan: Part[];
  amendments: Amendment[];
  can_ask: string[];
  first_due_on: string | null;
  stayed_since: string | null;
  notice_url: string;
}
export interface FoundBill extends Pick<Bill, "id" | "payment_code" | "title" | "amount_fen" | "due_on" | "payer_masked"> {
  department: Named;
  state: Bill["state"];
}
export interface Wish {
  kind: string;
  reason: string;
  wish: { until?: string; parts?: number; since?: string; principal_fen?: number };
}

export const dues = (id: string): Promise<Dues> => ask(`/bills/${id}/dues`);
export const apply = (id: string, body: Wish): Promise<Amendment> => ask(`/bills/${id}/amendments`, { method: "POST", key: newKey(), body });
export const takeBack = (id: string): Promise<Amendment> => ask(`/amendments/${id}/withdrawal`, { method: "POST", key: newKey(), body: {} });
export const findBill = (code: string): Promise<FoundBill> => ask(`/bills/lookup?payment_code=${encodeURIComponent(code)}`, { anonymous: true });
