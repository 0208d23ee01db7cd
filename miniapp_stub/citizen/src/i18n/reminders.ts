// Sentences about messages outside the app; apart, so that the first view does not carry them.
import { look } from "@/stores/look";

const WORDS: Record<string, [zh: string, en: string]> = {
  title: ["消息提醒", "Reminders"],
  note: ["微信、支付宝消息和短信", "Platform messages and texts"],
  "ask.answers": ["离开后有回复，要通知您吗？", "Shall we tell you when there is an answer?"],
  "ask.cases": ["办件有进展，要通知您吗？", "Shall we tell you how your case goes on?"],
  "ask.how": ["每次允许，只发一条消息。", "Each time you allow it, one message is sent."],
  "ask.yes": ["通知我", "Tell me"],
  "ask.no": ["暂不", "Not now"],
  "ask.done": ["已开启，下次有消息会通知您", "Done: the next news comes to your phone"],
  "sheet.title": ["模拟：订阅消息", "Simulated: subscription message"],
  "sheet.words": ["“掌上办”申请向您发送一条消息：{what}", "The office asks to send you one message: {what}"],
  "sheet.mark": ["演示环境代替手机弹出此框，没有消息真的发出。", "The demonstration shows this in place of your phone; nothing is really sent."],
  "sheet.allow": ["允许", "Allow"],
  "sheet.refuse": ["拒绝", "Refuse"],
  always: ["应用内的通知始终保留。", "Notices in the app are always there."],
  messages: ["微信、支付宝消息", "WeChat or Alipay message"],
  texts: ["短信", "Text message"],
  left: ["还可发送 {n} 条", "{n} more may be sent"],
  none: ["提问或提交申请后可再次允许", "You can allow more after asking or applying"],
  texts_off: ["短信需先在“隐私中心 · 授权管理”同意“办理提醒”。", "Text messages need your consent “Reminders” under Privacy."],
  texts_go: ["去授权管理", "Open consents"],
  saved: ["已保存", "Saved"],
  signin: ["登录后可设置消息提醒", "Sign in to set reminders"],
};

export function r(key: string, values: Record<string, string | number> = {}): string {
  const pair = WORDS[key];
  const sentence = pair ? pair[look.locale === "en" ? 1 : 0] : key;
  return sentence.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
