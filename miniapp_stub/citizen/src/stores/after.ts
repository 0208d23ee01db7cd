// What comes after: ratings and their results, transcripts, public answers.
import type { Text } from "@/i18n";
import { ask, newKey } from "@/platform/http";
import { openPdf } from "@/platform/files";
import { keep, kept } from "@/platform/storage";
import type { Named } from "./catalogue";
import type { Conversation } from "./chat";
import { signedIn } from "./session";

export type Rated = "consultations" | "applications";
export interface Level {
  level: number;
  name: Text;
  reasons: { code: string; text: Text }[];
}
export interface Result {
  id: string;
  kind: "conversation" | "application";
  about: string;
  state: "open" | "confirmed" | "void";
  state_text: Text;
  due: string;
  finding: Text | null;
  measures: string;
  done_at: string | null;
  level: number | null;
  comment: string;
  may_rate: boolean;
}
export interface OwnRating {
  rating: { level: number; name: Text; reasons: Text[]; comment: string; at: string } | null;
  open_until: string | null;
  result: Result | null;
}
export interface Answered {
  id: string;
  item: Named;
  question: string;
  answer: string;
  stale: boolean;
  reviewed_at: string;
  sure: boolean;
}
interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

export const levels = async (): Promise<Level[]> => (await ask<Page<Level>>("/ratings/levels", { quiet: true })).items;
export const ratingOf = (kind: Rated, id: string): Promise<OwnRating> => ask(`/${kind}/${id}/rating`, { quiet: true });
export const rate = (kind: Rated, id: string, said: { level: number; reasons: string[]; comment: string }): Promise<unknown> =>
  ask(`/${kind}/${id}/rating`, { method: "POST", key: newKey(), body: said });
export const result = (id: string): Promise<Result> => ask(`/rectifications/${id}`, { quiet: true });
export const rateResult = (id: string, said: { level: number; comment: string }): Promise<Result> =>
  ask(`/rectifications/${id}/rating`, { method: "POST", body: said });

/** Makes the record of a conversation as it stands now, and opens it. */
export async function openTranscript(conversation: string): Promise<void> {
  const made = await ask<{ pdf_url: string; code: string }>(`/consultations/${conversation}/transcripts`, { method: "POST", body: {} });
  await openPdf(made.pdf_url, made.code);
}

export const conversations = (cursor = ""): Promise<Page<Conversation>> =>
  ask(`/consultations?limit=20${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`, { quiet: true });

export const answersOf = async (item: string): Promise<Answered[]> =>
  (await ask<Page<Answered>>(`/answers?item=${encodeURIComponent(item)}&limit=20`, { quiet: true })).items;
export async function answersTo(question: string, item = ""): Promise<Answered[]> {
  const within = item ? `&item=${encodeURIComponent(item)}` : "";
  return (await ask<Page<Answered>>(`/answers?q=${encodeURIComponent(question.slice(0, 200))}${within}&limit=5`, { quiet: true })).items;
}

/** Once a person; of who is not signed in, once this device, by a name it made up. */
export async function vote(answer: string, helpful: boolean): Promise<void> {
  const device = kept("voter", "") || newKey().replace(/[^\w-]/g, "");
  keep("voter", device);
  await ask(`/answers/${answer}/votes`, { method: "POST", body: { helpful, ...(signedIn.value ? {} : { device }) } });
}
