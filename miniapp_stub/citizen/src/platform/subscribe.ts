// The platform's own sheet: each "allow" is good for one message. It opens on a tap only.
import { demoInbox } from "./demo";
import type { Answer } from "@/stores/reminders";

let known: Promise<string> | undefined;
/** Whether this is the demonstration on H5, asked once. */
export async function inDemonstration(): Promise<boolean> {
  // #ifdef H5
  known ??= demoInbox();
  return !!(await known);
  // #endif
  // #ifndef H5
  return false;
  // #endif
}

/** Which platform's sheet this app can open; the demonstration plays one on H5. */
export function here(demo: boolean): "wechat" | "alipay" | "any" | "" {
  // #ifdef MP-WEIXIN
  return "wechat";
  // #endif
  // #ifdef MP-ALIPAY
  return "alipay";
  // #endif
  // #ifdef H5
  return demo ? "any" : "";
  // #endif
}

/** What the person answered; undefined when the sheet could not be shown, which is no answer. */
export function requestSubscription(template: string): Promise<Answer | undefined> {
  return new Promise((resolve) => {
    // #ifdef MP-WEIXIN
    uni.requestSubscribeMessage({
      tmplIds: [template],
      success: (said: Record<string, unknown>) => {
        const answer = String(said[template] ?? "");
        resolve(answer.startsWith("accept") ? "accept" : (["reject", "ban", "filter"].includes(answer) ? (answer as Answer) : undefined));
      },
      fail: () => resolve(undefined),
    } as never);
    // #endif
    // #ifdef MP-ALIPAY
    (my as unknown as { requestSubscribeMessage(call: unknown): void }).requestSubscribeMessage({
      entityIds: [template],
      complete: (said: { behavior?: string; show?: boolean }) => resolve(said.behavior === "subscribe" ? "accept" : said.behavior === "cancel" ? "reject" : undefined),
    });
    // #endif
    // #ifdef H5
    void template;
    resolve(undefined);
    // #endif
  });
}
