// Words: ours from zh.json and en.json by key, the server's as {zh, en}.
import zh from "./zh.json";
import en from "./en.json";
import { look } from "@/stores/look";

export interface Text {
  zh: string;
  en?: string | null;
}

const BOOKS: Record<string, Record<string, string>> = { "zh-CN": zh, en };

/** Our own words. `{name}` is replaced by `values.name`; with `n` of one, the sentence under `key.one` is taken where there is one. */
export function t(key: string, values: Record<string, string | number> = {}): string {
  const book = BOOKS[look.locale] ?? zh;
  const sentence = (Number(values.n) === 1 && book[`${key}.one`]) || book[key] || key;
  return sentence.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** The server's words in the reader's language; Chinese where there is no English. */
export function say(text: Text | string | null | undefined): string {
  if (!text) return "";
  if (typeof text === "string") return text;
  return (look.locale === "en" && text.en) || text.zh;
}

/** True when an English reader is about to see Chinese, if only a name in it: the element then says lang="zh-CN". */
export const onlyChinese = (text: Text | string | null | undefined): boolean => look.locale === "en" && /[\u3400-\u9fff]/.test(say(text));

/** Fen to yuan with two decimals, by whole-number arithmetic: 4620 -> "¥46.20". */
export function money(fen: number): string {
  const sign = fen < 0 ? "-" : "";
  const whole = Math.abs(fen);
  const yuan = String(Math.floor(whole / 100)).replace(/\B(?=(\d{3})+(?!\d))/g, ",");
  return `${sign}¥${yuan}.${String(whole % 100).padStart(2, "0")}`;
}

const two = (n: number): string => String(n).padStart(2, "0");
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

const OFFICE_AHEAD_MS = 8 * 3_600_000;

/** An instant on the office's clock (all of China keeps UTC+8), wherever the phone is; read it with getUTC…. */
const atOffice = (value: string | number | Date): Date => new Date(new Date(value).getTime() + OFFICE_AHEAD_MS);

/** A day: "2026-11-25" or an instant -> "11月25日" / "25 Nov"; the year is named when it is not this one. */
export function day(value: string | null | undefined): string {
  if (!value) return "";
  const when = /^\d{4}-\d\d-\d\d$/.test(value) ? new Date(value) : atOffice(value);
  const other = when.getUTCFullYear() !== atOffice(new Date()).getUTCFullYear();
  if (look.locale === "en") return `${when.getUTCDate()} ${MONTHS[when.getUTCMonth()]}${other ? ` ${when.getUTCFullYear()}` : ""}`;
  return `${other ? `${when.getUTCFullYear()}年` : ""}${when.getUTCMonth() + 1}月${when.getUTCDate()}日`;
}

export function clock(value: string | number | null | undefined): string {
  if (!value) return "";
  const when = atOffice(value);
  return `${two(when.getUTCHours())}:${two(when.getUTCMinutes())}`;
}

export const moment = (value: string | null | undefined): string => (value ? `${day(value)} ${clock(value)}` : "");

/** Waiting time in whole minutes, never "0 minutes". */
export const minutes = (seconds: number): number => Math.max(1, Math.round(seconds / 60));
