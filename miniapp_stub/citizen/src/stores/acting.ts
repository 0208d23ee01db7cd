// Whom this person acts for, who acts for them, and whose matter is in hand on this phone.
import { reactive, watch } from "vue";
import type { Text } from "@/i18n";
import { ask } from "@/platform/http";
import { forget, keep, kept } from "@/platform/storage";
import { session } from "./session";

export interface Party {
  id: string | null;
  kind: "citizen" | "legal_person";
  name: string;
  credit_code: string | null;
}
export interface Mandate {
  id: string;
  kind: string;
  kind_text: Text;
  relation: string;
  relation_text: Text;
  state: "waiting" | "active" | "refused" | "revoked" | "resigned" | "expired";
  asked_by: string;
  principal: Party;
  agent: Party;
  doings: string[];
  items: { code: string; name: Text | null }[] | null;
  manages: boolean;
  valid_to: string | null;
  reason: string;
  warnings: string[];
  actions: string[];
}
export interface Deed {
  at: string;
  action: string;
  action_text: Text;
  about: Text | null;
  agent: string;
}
interface Whose {
  id: string;
  name: string;
  by: string;
}

const NOBODY: Whose = { id: "", name: "", by: "" };

/** Whose matter is in hand; empty: one's own. It belongs to one person's session on this phone. */
export const acting = reactive<Whose>({ ...NOBODY, ...kept<Partial<Whose>>("acting", {}) });
if (acting.by !== (session.citizen?.id ?? "")) Object.assign(acting, NOBODY);
watch(
  () => session.citizen?.id ?? "",
  (now) => {
    if (acting.id && now !== acting.by) actForMyself();
  },
);

export function actFor(party: Party): void {
  Object.assign(acting, { id: party.id ?? "", name: party.name, by: session.citizen?.id ?? "" });
  keep("acting", { ...acting });
}

export function actForMyself(): void {
  Object.assign(acting, NOBODY);
  forget("acting");
}

/** `&on_behalf_of=…` for addresses that have a query already. */
export const behalf = (): string => (acting.id ? `&on_behalf_of=${acting.id}` : "");
/** … and for bodies. */
export const behalfBody = (): { on_behalf_of?: string } => (acting.id ? { on_behalf_of: acting.id } : {});

export const principals = async (): Promise<Mandate[]> => (await ask<{ items: Mandate[] }>("/me/principals")).items;
export const agents = async (firm = ""): Promise<Mandate[]> =>
  (await ask<{ items: Mandate[] }>(`/me/agents${firm ? `?on_behalf_of=${firm}` : ""}`)).items;
export const deeds = async (): Promise<Deed[]> => (await ask<{ items: Deed[] }>("/me/deeds?limit=50")).items;
export const answer = (id: string, action: string): Promise<Mandate> => ask(`/me/mandates/${id}/${action}`, { method: "POST", body: {} });
export const askMandate = (wish: object): Promise<Mandate> => ask("/me/mandates", { method: "POST", body: wish });
export const claimFirm = (wish: object): Promise<Mandate> => ask("/me/firms", { method: "POST", body: wish });
export const inviteOperator = (wish: object): Promise<Mandate> => ask("/me/operators", { method: "POST", body: wish });

/** The last day of so many days from today on the office's calendar (UTC+8). */
export const dayIn = (days: number): string => new Date(Date.now() + 8 * 3_600_000 + days * 86_400_000).toISOString().slice(0, 10);
