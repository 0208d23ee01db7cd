// What the office can do: departments, themes, items and their guides. Public; no sign-in.
import type { Text } from "@/i18n";
import { ask } from "@/platform/http";
import { reactive } from "vue";
import { keep, kept } from "@/platform/storage";

export interface Named {
  code: string;
  name: Text;
}
export interface Limit {
  days: number;
  unit: "working_days" | "natural_days" | string;
}
export interface Fee {
  charged: boolean;
  amount_fen: number | null;
  basis?: string | Text | null;
  reduction?: string | Text | null;
}
export interface ItemSummary extends Named {
  department: Named;
  themes: string[];
  case_type: string;
  online: string;
  promised_limit: Limit | null;
  fee: Fee | null;
  visits: number | null;
  matched?: { by: string | null; related?: boolean };
}
export interface Option {
  value: string;
  text: Text;
}
export interface Question {
  code: string;
  text: Text;
  why?: string | Text | null;
  options: Option[];
}
export interface FormField {
  code: string;
  label: Text;
  type: string;
  required: boolean;
  options?: Option[];
  hint?: string | Text | null;
  max_length?: number;
}
export interface GuideMaterial extends Named {
  necessity: string;
  form: string;
  copies: number;
  source: string;
  issuer: string | Text | null;
  certificate: string | null;
  reason: string | Text | null;
  when: Record<string, string[]> | null;
  note: string | Text | null;
}
export interface Place {
  name: Text;
  address: string | Text;
  hours: string | Text | null;
  windows?: Text | null;
  phone?: string | null;
}
export interface Guide extends Named {
  version: number;
  department: Named & { phone?: string };
  implementation_code?: string;
  case_type: string;
  conditions: (string | Text)[];
  legal_basis: { law: Text; article?: Text | null; text?: Text | null }[];
  materials: GuideMaterial[];
  questions: Question[];
  form: FormField[];
  steps: { name: Text; who?: string | Text; working_days?: number; counted?: boolean }[];
  statutory_limit: Limit | null;
  promised_limit: Limit | null;
  fee: Fee | null;
  result: { name: Text; kind?: string; delivery?: string[]; valid_years?: number | null } | null;
  visits: number | null;
  online: string;
  assurance: string;
  places: Place[];
  channels: { consult?: string | null; complaint?: string | null } | null;
  faq: { q: string | Text; a: string | Text }[];
  remedies: string | Text | null;
}
export interface Region extends Named {
  level: string;
  parent: string | null;
}
interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

/** The theme of what most people come for; the office fills it. */
export const POPULAR = "popular";

export const departments = (): Promise<Page<Named & { item_count: number }>> => ask("/catalogue/departments", { quiet: true });
export const themes = (): Promise<Page<Named & { item_count: number }>> => ask("/catalogue/item-themes", { quiet: true });
export const guide = (code: string): Promise<Guide> => ask(`/catalogue/items/${encodeURIComponent(code)}`, { quiet: true });

export function items(by: Record<string, string | number | undefined>): Promise<Page<ItemSummary> & { suggestions?: string[] }> {
  const pairs = Object.entries(by).filter(([, value]) => value !== undefined && value !== "");
  return ask(`/catalogue/items?${pairs.map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`).join("&")}`, { quiet: true });
}

/** What a question in everyday words is probably about: at most three items, none when the words fit nothing. */
export const matches = (text: string, region?: string): Promise<{ items: ItemSummary[] }> =>
  ask("/catalogue/matches", { method: "POST", body: region ? { text, region } : { text }, quiet: true });

/** The place this person deals with; kept on the phone. The default is the first district. */
export const place = reactive({ all: [] as Region[], chosen: kept<Region | null>("region", null) });

export async function loadRegions(): Promise<void> {
  if (!place.all.length) place.all = (await ask<Page<Region>>("/catalogue/regions", { quiet: true })).items;
  const known = place.all.find((one) => one.code === place.chosen?.code);
  place.chosen = known ?? place.all.find((one) => one.level === "district") ?? place.all[0] ?? null;
}

export function choosePlace(region: Region): void {
  place.chosen = region;
  keep("region", region);
}

const ICONS: Record<string, string> = {
  popular: "star",   identity: "card", household: "house", birth: "family", family: "family", marriage: "family", social_insurance: "shield", elderly: "people", work: "work",
  travel: "plane", food: "shop", business_start: "shop", business_change: "doc", business_close: "docs", health: "health", medical: "health", education: "school",
  school: "school", traffic: "car", vehicle: "car", driving: "car", housing: "house", property: "house", tax: "bill", environment: "tree", law: "law", legal: "law",
  disability: "people", aid: "health", build: "house", construction: "house", culture: "star", exam: "edit",
};
export const themeIcon = (code: string): string =>
  ICONS[code] ?? ICONS[Object.keys(ICONS).find((name) => code.includes(name)) ?? ""] ?? "doc";
