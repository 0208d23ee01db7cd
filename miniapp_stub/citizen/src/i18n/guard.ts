// Sentences about what is better not sent; apart, so that the first view does not carry them.
import { look } from "@/stores/look";

const WORDS: Record<string, [zh: string, en: string]> = {
  title: ["发送前请留意", "Before you send"],
  password: ["里面像有密码或验证码。工作人员不会向您要这些，请不要发送。发送后会被删除，不会保存。", "This looks like a password or a code. Staff never ask for one; please do not send it. It is removed and not kept."],
  number: ["里面有证件号码、银行卡号或手机号码。发送后只显示首尾几位，工作人员要说明理由才能查看全部。", "This holds an ID, bank card or phone number. It is shown with its first and last digits only; staff need a stated reason to see all of it."],
  change: ["返回修改", "Change it"],
  send: ["仍然发送", "Send anyway"],
  id_number: ["证件号码", "ID number"],
  bank_card: ["银行卡号", "bank card number"],
  phone: ["手机号码", "phone number"],
  hidden: ["已隐藏{kinds}，工作人员说明理由后才能查看", "Hidden: {kinds}. Staff need a stated reason to see it"],
  removed: ["密码已删除，没有保存。如已泄露请尽快修改", "The password was removed and not kept. If others may know it, change it soon"],
  abusive: ["部分用语已隐藏，请文明用语", "Some words were hidden; please stay polite"],
};

export function g(key: string, values: Record<string, string> = {}): string {
  const words = WORDS[key]?.[look.locale === "en" ? 1 : 0] ?? key;
  return Object.entries(values).reduce((so, [name, value]) => so.replace(`{${name}}`, value), words);
}
