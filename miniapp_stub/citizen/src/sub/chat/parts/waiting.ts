// Sentences of waiting; apart, so that only who opens a conversation carries them.
import { minutes } from "@/i18n";
import { look } from "@/stores/look";

const WORDS: Record<string, [zh: string, en: string]> = {
  place: ["您排在第 {n} 位", "You are number {n} in the queue"],
  next: ["下一位就是您", "You are next"],
  range: ["预计还要 {from}–{to} 分钟", "About {from}–{to} minutes more"],
  about: ["预计还要约 {to} 分钟", "About {to} minutes more"],
  unknown: ["暂时估计不出还要多久", "We cannot say yet how long it will take"],
  waited: ["已等 {n} 分钟", "waited {n} min"],
  why: ["按先来后到接待，前面有人离开时位次会自动更新。", "First come, first served. Your place moves as people ahead leave."],
  message: ["不等了，改为留言", "Leave a message instead"],
  message_title: ["改为留言？", "Leave a message instead?"],
  message_sure: ["您会失去现在的排队位次。工作人员会按约定的日期答复，答复后会通知您。", "You give up your place in the queue. You will be answered by a date we give you, and told when it is there."],
  message_yes: ["改为留言", "Leave a message"],
  message_no: ["继续排队", "Keep waiting"],
  message_done: ["已改为留言", "Your message is left"],
  dated: ["留言已登记", "Your message is recorded"],
  by: ["{at} 前答复您", "We answer by {at}"],
  late: ["已超过约定时间，我们已上报督办", "The date has passed; it was reported to those in charge"],
  owner: ["负责答复：", "Answers for it: "],
  add: ["补充说明", "Add to it"],
};

export function w(key: string, values: Record<string, string | number> = {}): string {
  const pair = WORDS[key];
  const sentence = pair ? pair[look.locale === "en" ? 1 : 0] : key;
  return sentence.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** From … to, in whole minutes; what differs by less than a minute is one number. */
export function expected(range: [number, number] | null | undefined): string {
  if (!range) return w("unknown");
  const [from, to] = [minutes(range[0]), minutes(range[1])];
  return from === to ? w("about", { to }) : w("range", { from, to });
}
