// Sentences about paying several bills at once and about receipts that were taken back; apart from the first view.
import { look } from "@/stores/look";

const WORDS: Record<string, [zh: string, en: string]> = {
  title: ["合并缴费", "Pay several bills"],
  note: ["选好要缴的账单，一次付款。每家执收单位的金额分开列出，票据逐张开具。", "Choose the bills and pay once. The share of each office is shown, and every bill gets its own receipt."],
  none: ["没有可以合并缴的账单", "There are no bills to pay together"],
  open: ["合并缴费", "Pay several at once"],
  every: ["全部", "All"],
  none_ever: ["还没有账单", "No bills yet"],
  share: ["分给各执收单位", "Share of each office"],
  chosen: ["已选 {n} 笔", "{n} chosen"],
  nothing: ["请先选择要缴的账单", "Choose at least one bill"],
  most: ["一次最多缴 20 笔", "At most 20 bills at once"],
  changed: ["有账单的金额或状态变了，请核对后再付。", "A bill has changed; please look again before you pay."],
  paying: ["正在缴，付款前会先关闭原来的订单", "Being paid: the earlier order is closed first"],
  confirming: ["正在确认付款结果，请勿重复付", "Being confirmed: please do not pay it again"],
  by: ["付款方式", "Pay by"],
  several: ["第 {n} 张电子票据", "Receipt {n}"],
  reversed: ["这张票据已冲红，不再有效", "This receipt was taken back and is no longer valid"],
  red: ["这是红字票据，用来冲销原票据", "This red-letter receipt takes an earlier one back"],
  see_red: ["查看红字票据", "See the red-letter receipt"],
  see_blue: ["查看被冲红的原票据", "See the receipt it takes back"],
  see_rest: ["查看余额的新票据", "See the receipt of what remains paid"],
  see_old: ["查看原票据", "See the earlier receipt"],
  numbering: ["票据正在由财政平台赋码，稍后再看。", "The fiscal platform is numbering the receipt; look again soon."],
  resend: ["把票据再发到消息", "Send it to my messages again"],
  resent: ["已发到消息", "Sent to your messages"],
};

/** A sentence by its key; `{name}` is replaced by `values.name`. */
export function c(key: string, values: Record<string, string | number> = {}): string {
  const [zh, en] = WORDS[key] ?? [key, key];
  return (look.locale === "en" ? en : zh).replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
