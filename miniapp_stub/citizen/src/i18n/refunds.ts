// Sentences about money on its way back; apart from the first view.
import { look } from "@/stores/look";

const WORDS: Record<string, [zh: string, en: string]> = {
  title: ["退款", "Refunds"],
  expected: ["预计 {day}前到账", "Expected by {day}"],
  arrived: ["{day} 到账", "Arrived on {day}"],
  decided: ["{day} 批准", "Agreed on {day}"],
  number: ["退款编号", "Refund number"],
};

/** A sentence by its key; `{name}` is replaced by `values.name`. */
export function b(key: string, values: Record<string, string | number> = {}): string {
  const [zh, en] = WORDS[key] ?? [key, key];
  return (look.locale === "en" ? en : zh).replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
