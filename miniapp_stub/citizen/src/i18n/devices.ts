// Sentences of the page of devices; apart, so that the first view does not carry them.
import { look } from "@/stores/look";

const WORDS: Record<string, [zh: string, en: string]> = {
  lead: ["以下设备已登录您的账号。不认识的，请立即退出。", "These devices are signed in to your account. End any you do not know."],
  signin: ["登录后查看登录设备", "Sign in to see your devices"],
  here: ["本机", "This device"],
  unknown: ["未知设备", "Unknown device"],
  since: ["登录时间 {at}", "since {at}"],
  seen: ["最近使用 {at}", "last used {at}"],
  from: ["网络 {network}", "network {network}"],
  "way.wechat": ["微信一键登录", "WeChat one tap"],
  "way.alipay": ["支付宝一键登录", "Alipay one tap"],
  "way.scan": ["扫码登录", "QR code"],
  "way.sms": ["短信验证码登录", "Text message"],
  end: ["退出此设备", "Sign this device out"],
  end_sure: ["退出后，该设备须重新登录才能使用您的账号。", "It then has to sign in again to use your account."],
  ended: ["该设备已退出", "The device is signed out"],
  all: ["退出所有设备", "Sign out everywhere"],
  all_sure: ["包括本机在内的所有设备都将退出登录。", "Every device is signed out, this one too."],
};

export function w(key: string, values: Record<string, string> = {}): string {
  const pair = WORDS[key];
  const sentence = pair ? pair[look.locale === "en" ? 1 : 0] : key;
  return sentence.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
}
