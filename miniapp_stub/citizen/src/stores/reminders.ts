// Messages outside the app: which ways one wants, and what one allowed the platform to bring.
import { ask, newKey } from "@/platform/http";
import type { Text } from "@/i18n";

export type Topic = "answers" | "cases" | "bills";
export type Answer = "accept" | "reject" | "ban" | "filter";
export interface Grant {
  platform: "wechat" | "alipay";
  topic: Topic;
  title: Text;
  template: string;
  left: number;
  ask: boolean;
}
export interface Wish {
  topic: Topic;
  title: Text;
  note: Text;
  messages: boolean;
  texts: boolean;
  left: number;
}
export interface Wishes {
  items: Wish[];
  texts_allowed: boolean;
  texts_possible: boolean;
}

export const grants = async (): Promise<Grant[]> => (await ask<{ items: Grant[] }>("/me/message-grants", { quiet: true })).items;
export const book = (platform: string, topic: Topic, answer: Answer): Promise<unknown> =>
  ask("/me/message-grants", { method: "POST", key: newKey(), quiet: true, body: { platform, answers: { [topic]: answer } } });
export const wishes = (): Promise<Wishes> => ask<Wishes>("/me/notice-wishes");
export const sayWish = (one: Wish): Promise<Wishes> =>
  ask<Wishes>(`/me/notice-wishes/${one.topic}`, { method: "PUT", body: { messages: one.messages, texts: one.texts } });
/** In the demonstration: what the phone's own sheet would tell the platform. */
export const demoAnswer = (platform: string, template: string, answer: Answer): Promise<unknown> =>
  ask("/demo/subscriptions", { method: "POST", body: { platform, templates: { [template]: answer } } });
