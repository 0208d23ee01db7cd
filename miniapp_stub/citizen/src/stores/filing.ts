// One application: its draft, its photos, its way through the office.
import { reactive } from "vue";
import type { Text } from "@/i18n";
import { ask, newKey, Problem } from "@/platform/http";
import { forget, keep, kept } from "@/platform/storage";
import { guide, type Guide, type Named } from "./catalogue";

export interface Upload {
  id: string;
  thumbnail_url: string;
  url: string;
  width: number;
  height: number;
  quality: { usable: boolean; problems: string[] };
}
export interface CaseMaterial extends Named {
  necessity: string;
  state: "empty" | "attached" | "rejected" | "accepted" | "pre_satisfied";
  reason: Text | string | null;
  rejection: { reason: string } | null;
  uploads: Upload[];
}
export interface Missing {
  field: string;
  code: string;
  detail: string;
}
export interface Correction {
  id: string;
  at: string;
  deadline: string | null;
  items: { material?: string | null; field?: string | null; reason: string }[];
  answered_at: string | null;
}
export interface CaseSummary {
  id: string;
  item: Named & { version?: number; department: Named };
  state: string;
  state_text: Text;
  case_number: string | null;
  expected_date: string | null;
  clock?: Clock | null;
  saved_at?: string | null;
  submitted_at?: string | null;
}
export interface Clock {
  promised_due: string;
  statutory_due: string;
  working_days_left: number;
  light: "green" | "yellow" | "red";
}
export interface Application extends CaseSummary {
  region: string;
  version: number;
  answers: Record<string, string>;
  form: Record<string, string>;
  materials: CaseMaterial[];
  missing: Missing[];
  timeline: { at: string; from: string | null; to: string; text: Text; by: Text | string | null; note: string | null }[];
  holder: { department: Text; name: string | null } | null;
  corrections: Correction[];
  actions: string[];
  certificate: { id: string; number: string; url: string; verify_url: string } | null;
  receipt_url: string | null;
  on_behalf_of?: { id: string; kind: string; name: string } | null;
  created_at: string;
}

export const TONES: Record<string, "" | "brand" | "success" | "warn" | "danger"> = {
  draft: "", submitted: "brand", accepted: "brand", correction: "warn", decided_approved: "success", decided_refused: "danger", not_accepted: "danger", withdrawn: "",
};
export const STATE_ICONS: Record<string, string> = {
  draft: "edit", submitted: "clock", accepted: "clock", correction: "alert", decided_approved: "check", decided_refused: "close", not_accepted: "close", withdrawn: "back",
};

/** `whose`: `&on_behalf_of=…` for somebody else's. */
export const cases = (state = "", whose = ""): Promise<{ items: CaseSummary[] }> => ask(`/applications?limit=50${state ? `&state=${state}` : ""}${whose}`);
export const application = (id: string): Promise<Application> => ask(`/applications/${id}`);
export const start = (item: string, region: string, whose: object = {}): Promise<Application> => ask("/applications", { method: "POST", key: newKey(), body: { item, region, ...whose } });

/** The draft in hand, shared by the pages of one filing; a cold page loads it by id. */
export const filing = reactive({ draft: undefined as Application | undefined, guide: undefined as Guide | undefined });

export async function openFiling(id: string): Promise<{ draft: Application; guide: Guide }> {
  if (filing.draft?.id !== id) filing.draft = await application(id);
  if (filing.guide?.code !== filing.draft.item.code) filing.guide = await guide(filing.draft.item.code);
  return { draft: filing.draft, guide: filing.guide };
}

export async function refreshFiling(): Promise<void> {
  if (filing.draft) filing.draft = await application(filing.draft.id);
}

let saving: Promise<unknown> = Promise.resolve();

/** Saves part of the draft, one save after another; a draft changed elsewhere is fetched and the part saved over it. */
export function save(part: { answers?: Record<string, string>; form?: Record<string, string> }): Promise<void> {
  const mine = saving.catch(() => undefined).then(() => patched(part));
  saving = mine;
  return mine;
}

async function patched(part: object, again = true): Promise<void> {
  const draft = filing.draft;
  if (!draft) return;
  try {
    filing.draft = await ask<Application>(`/applications/${draft.id}`, { method: "PATCH", body: { ...part, version: draft.version } });
  } catch (failure) {
    if (!again || !(failure instanceof Problem) || failure.code !== "draft_changed") throw failure;
    await refreshFiling();
    await patched(part, false);
  }
}

export async function attach(id: string, material: string, uploads: string[]): Promise<Application> {
  const changed = await ask<Application>(`/applications/${id}/materials/${encodeURIComponent(material)}`, { method: "PUT", body: { uploads } });
  if (filing.draft?.id === id) filing.draft = changed;
  return changed;
}

/** Files under one key per deed, kept until an answer came: pressing twice, or after a lost answer, files once. */
async function filed(id: string, deed: string, body: object): Promise<Application> {
  const name = `key.${deed}.${id}`;
  const key = kept(name, "") || newKey();
  keep(name, key);
  try {
    const done = await ask<Application>(`/applications/${id}/${deed}`, { method: "POST", key, body });
    forget(name);
    if (filing.draft?.id === id) filing.draft = done;
    return done;
  } catch (failure) {
    if (failure instanceof Problem && failure.status >= 400 && failure.status < 500) forget(name);
    throw failure;
  }
}

export const submit = (id: string): Promise<Application> => filed(id, "submission", { consent: true });
export const resubmit = (id: string): Promise<Application> => filed(id, "correction", {});
export const withdraw = (id: string, reason: string): Promise<Application> => filed(id, "withdrawal", reason ? { reason } : {});

/** The steps a person walks: each question, then photos, then the form when there is one, then the check. */
export function steps(of: Guide): string[] {
  return [...of.questions.map((one) => one.code), "materials", ...(of.form.length ? ["form"] : []), "check"];
}

export const openCorrection = (of: Application): Correction | undefined => of.corrections.find((one) => !one.answered_at);
