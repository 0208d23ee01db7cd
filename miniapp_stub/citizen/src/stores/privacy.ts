// What the office keeps of us, and what we may ask of it.
import type { Text } from "@/i18n";
import { ask, newKey, Problem } from "@/platform/http";
import { signInAgain } from "./session";

export interface Kept {
  what: Text;
  why: Text;
  ground: Text;
  kept_for: Text;
  at_closure: "deleted" | "pseudonymised" | "kept";
}
export interface Consent {
  purpose: string;
  ground: "duty" | "separate" | "consent";
  title: Text;
  what: Text;
  effect: Text;
  needed_for: Text;
  standing: "not_needed" | "not_asked" | "given" | "withdrawn" | "outdated";
  at: string | null;
}
export interface Consents {
  items: Consent[];
  version: string;
}
export interface Copy {
  id: string;
  state: "asked" | "ready" | "ended";
  asked_at: string;
  ends_at: string | null;
  fetched: number;
}
export interface Look {
  at: string;
  office: Text;
  what: Text;
  purpose: string;
}
export interface Correction {
  id: string;
  field: string;
  wanted: string;
  state: "asked" | "approved" | "refused" | "withdrawn";
  asked_at: string;
  due_on: string;
  reason: string;
}
export interface Closure {
  state: "none" | "cooling";
  closes_at: string | null;
  days: number;
  sign_in_keeps: boolean;
  matters: { code: string; title: Text; blocks: boolean; count: number; link: string }[];
  kept: Kept[];
}

/** What is told in the same words is told once; it may end in several ways. */
export interface KeptOnce extends Kept {
  ends: Kept["at_closure"][];
}
export function together(all: Kept[]): KeptOnce[] {
  const found = new Map<string, KeptOnce>();
  for (const one of all) {
    const words = [one.what, one.why, one.ground, one.kept_for].map((said) => said.zh).join("|");
    const known = found.get(words);
    if (known) known.ends.push(one.at_closure);
    else found.set(words, { ...one, ends: [one.at_closure] });
  }
  return [...found.values()];
}

/** Does it; when it asks for a fresh sign-in, signs in again first and does it then. */
async function fresh<T>(attempt: () => Promise<T>): Promise<T | undefined> {
  try {
    return await attempt();
  } catch (failure) {
    if (!(failure instanceof Problem) || failure.code !== "fresh_sign_in_required") throw failure;
    return (await signInAgain()) ? attempt() : undefined;
  }
}

export const notice = (): Promise<{ version: string; text: string }> => ask("/privacy/notice", { anonymous: true });
export const kept = (): Promise<{ items: Kept[] }> => ask("/privacy/kept", { anonymous: true });
export const consents = (): Promise<Consents> => ask("/me/consents", { quiet: true });
export const sayConsent = (purpose: string, given: boolean, version: string): Promise<Consent> =>
  ask(`/me/consents/${purpose}`, { method: "PUT", body: { given, version } });
/** A yes to the present words, where something needs it. */
export const agreeTo = async (purpose: string): Promise<Consent> => sayConsent(purpose, true, (await notice()).version);
export const looks = (cursor: string): Promise<{ items: Look[]; next_cursor: string | null }> =>
  ask(`/me/lookups?limit=20${cursor ? `&cursor=${cursor}` : ""}`, { quiet: true });
export const copies = (): Promise<{ items: Copy[] }> => ask("/me/exports", { quiet: true });
export const askCopy = (): Promise<Copy | undefined> => fresh(() => ask<Copy>("/me/exports", { method: "POST", key: newKey() }));
export const copyLink = (id: string): Promise<{ url: string } | undefined> =>
  fresh(() => ask<{ url: string }>(`/me/exports/${id}/link`, { method: "POST" }));
export const corrections = (): Promise<{ items: Correction[] }> => ask("/me/corrections", { quiet: true });
export const askCorrection = (body: { field: string; wanted: string; why: string }): Promise<Correction> =>
  ask("/me/corrections", { method: "POST", body, key: newKey() });
export const takeBack = (id: string): Promise<Correction> => ask(`/me/corrections/${id}`, { method: "DELETE" });
export const closure = (): Promise<Closure> => ask("/me/closure", { quiet: true });
export const askClosure = (): Promise<Closure | undefined> =>
  fresh(() => ask<Closure>("/me/closure", { method: "POST", body: { understood: true }, key: newKey() }));
export const keepAccount = (): Promise<Closure> => ask("/me/closure", { method: "DELETE" });
