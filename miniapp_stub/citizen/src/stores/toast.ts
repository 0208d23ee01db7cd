// A few words that say a thing was done; announced to screen readers, gone after four seconds.
import { reactive } from "vue";
import { t } from "@/i18n";
import { Problem } from "@/platform/http";

export const toast = reactive({ words: "" });
let timer: ReturnType<typeof setTimeout> | undefined;

export function tell(words: string): void {
  clearTimeout(timer);
  toast.words = words;
  timer = setTimeout(() => (toast.words = ""), 4000);
}

/** What went wrong, in the server's words where it gave any. */
export function reasonOf(failure: unknown): string {
  if (!(failure instanceof Problem)) return t("failed.generic");
  if (["offline", "timeout", "unreachable"].includes(failure.code)) return t(`failed.${failure.code}`);
  if (failure.status === 429) return t("failed.busy", { n: failure.retryAfter || 10 });
  if (failure.status === 401) return t("failed.sign_in");
  if (failure.status >= 500) return t("failed.generic");
  return failure.detail || failure.title || t("failed.generic");
}

export const tellFailure = (failure: unknown): void => tell(reasonOf(failure));
