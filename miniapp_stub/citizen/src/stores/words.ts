// Sentences made from the office's figures.
import { t } from "@/i18n";
import type { Limit } from "./catalogue";

export function limitWords(limit: Limit | null | undefined): string {
  if (!limit) return "";
  if (limit.days === 0) return t("limit.now");
  return t(limit.unit === "working_days" ? "limit.working" : "limit.natural", { n: limit.days });
}
