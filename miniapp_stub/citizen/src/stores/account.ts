// How one is known and what leads to one's account: codes by text message, documents, faces, identities, merging.
import { ask } from "@/platform/http";

export interface Sent {
  flow: string;
  expires_in: number;
  retry_after: number;
}
export type Purpose = "sign_in" | "phone" | "merge" | "step_up";
export const sendCode = (phone: string, purpose: Purpose): Promise<Sent> =>
  ask<Sent>("/auth/sms-codes", { method: "POST", body: { phone, purpose }, anonymous: purpose === "sign_in" });

export interface Move {
  id: string;
  role: "holder" | "taker";
  state: "asked" | "moved" | "denied" | "undone";
  phone_masked: string;
  until: string;
}
export const changePhone = (flow: string, code: string): Promise<{ state: "taken" | "asked" | "moved"; move: Move | null }> =>
  ask("/me/phone", { method: "POST", body: { flow, code } });
export const moves = async (): Promise<Move[]> => (await ask<{ items: Move[] }>("/me/phone-moves")).items;
export const judge = (move: string, verb: "approve" | "deny" | "undo"): Promise<void> => ask(`/me/phone-moves/${move}/${verb}`, { method: "POST" });

export interface Identity {
  id: string;
  platform: string;
  bound_at: string;
  here: boolean;
}
export const identities = (): Promise<{ items: Identity[]; phone_masked: string | null; removable: boolean }> => ask("/me/identities");
export const unbind = (id: string): Promise<void> => ask(`/me/identities/${id}`, { method: "DELETE" });

export interface Plan {
  done: boolean;
  moves: Record<string, number>;
  conflicts: { what: string; id: string }[];
}
export const mergeCode = (): Promise<{ code: string; expires_in: number }> => ask("/me/merge-codes", { method: "POST" });
export const merge = (code: string, dry: boolean): Promise<Plan> => ask("/me/merges", { method: "POST", body: { merge_code: code, dry_run: dry } });

export interface Face {
  session: string;
  expires_in: number;
  client: { url: string; biz_token: string };
}
export const openFace = (): Promise<Face> => ask("/me/face", { method: "POST" });

export interface Notice {
  id: string;
  kind: string;
  text: { zh: string; en?: string | null };
  link: string;
  at: string;
  read: boolean;
}
export const notices = (): Promise<{ items: Notice[]; unread: number }> => ask("/me/notices?limit=20", { quiet: true });
export const readNotice = (id: string): Promise<void> => ask(`/me/notices/${id}/read`, { method: "POST", quiet: true });
export const readNotices = (): Promise<void> => ask("/me/notices/read", { method: "POST" });

export interface Ticket {
  ticket: string;
  secret: string;
  qr_svg_url: string;
  expires_in: number;
}
export const showTicket = (label: string): Promise<Ticket> =>
  ask("/auth/scans", { method: "POST", body: { purpose: "sign_in", device_label: label }, anonymous: true });
export const lookAt = (ticket: Ticket): Promise<{ state: string; access_token?: string }> =>
  ask(`/auth/scans/${ticket.ticket}`, { anonymous: true, more: { "X-Scan-Secret": ticket.secret } });
