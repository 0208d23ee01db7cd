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

/** True when an English reader is about to see Chinese: the element then says lang="zh-CN". */
export function onlyChinese(text: Text | string | null | undefined): boolean {
  if (look.locale !== "en" || !text) return false;
  return typeof text === "string" ? /[\u4e00-\u9fff]/.test(text) : !text.en;
}

/** Fen to yuan with two decimals, by whole-number arithmetic: 4620 -> "¥46.20". */
export function money(fen: number): string {
  const sign = fen < 0 ? "-" : "";
  const whole = Math.abs(fen);
  const yuan = String(Math.floor(whole / 100)).replace(/\B(?=(\d{3})+(?!\d))/g, ",");
  return `${sign}¥${yuan}.${String(whole % 100).padStart(2, "0")}`;
}

const two = (n: number): string => String(n).padStart(2, "0");
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** A day: "2026-11-25" or an instant -> "11月25日" / "25 Nov"; the year is named when it is not this one. */
export function day(value: string | null | undefined): string {
  if (!value) return "";
  const when = new Date(/^\d{4}-\d\d-\d\d$/.test(value) ? `${value}T00:00:00` : value);
  const other = when.getFullYear() !== new Date().getFullYear();
  if (look.locale === "en") return `${when.getDate()} ${MONTHS[when.getMonth()]}${other ? ` ${when.getFullYear()}` : ""}`;
  return `${other ? `${when.getFullYear()}年` : ""}${when.getMonth() + 1}月${when.getDate()}日`;
}

export function clock(value: string | number | null | undefined): string {
  if (!value) return "";
  const when = new Date(value);
  return `${two(when.getHours())}:${two(when.getMinutes())}`;
}

export const moment = (value: string | null | undefined): string => (value ? `${day(value)} ${clock(value)}` : "");

/** Waiting time in whole minutes, never "0 minutes". */
export const minutes = (seconds: number): number => Math.max(1, Math.round(seconds / 60));
