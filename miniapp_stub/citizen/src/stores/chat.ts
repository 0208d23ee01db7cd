// The conversations of this person and what was said in them, in the order of seq, without holes from `starts` on.
import { computed, reactive } from "vue";
import type { Text } from "@/i18n";
import { ask, newKey } from "@/platform/http";
import { kept } from "@/platform/storage";
import type { Named } from "./catalogue";
import { transmit } from "./wire";

export interface Conversation {
  id: string;
  state: "queued" | "offered" | "assigned" | "inquiry" | "closed";
  subject: { item: Named | null; department: Named | null; application: string | null | { id: string } };
  clerk: { id: string; name: string; title: Text | string | null } | null;
  reason: { code: string; text: Text } | null;
  queue_position: number | null;
  wait_estimate_s: number | null;
  wait_range_s?: [number, number] | null;
  waits_since?: string | null;
  inquiry?: { due_at: string; owner: { id: string; name: string } | null } | null;
  due_at: string | null;
  last_seq: number;
  last_message: { kind: string; preview: string | Text; at: string; recalled?: boolean } | null;
  read: { citizen: number; clerk: number };
  unread: number;
  created_at: string;
  closed_at: string | null;
  rated?: boolean;
}
export interface Message {
  conversation: string;
  seq: number;
  id: string;
  client_id: string | null;
  sender: { role: string; id: string; name: string | null };
  kind: "text" | "image" | "card" | "note" | "system" | "edit" | "recall";
  body: Record<string, unknown>;
  at: string;
  edited?: boolean;
  recalled?: boolean;
  /** What an own message said before it was taken back, as long as this page is open: it can be written anew. */
  was?: string;
}
export interface Outgoing {
  client_id: string;
  conversation: string;
  kind: "text" | "image" | "card" | "edit" | "recall";
  body: Record<string, unknown>;
  local?: string;
  state: "uploading" | "sending" | "failed";
  /** Why it is refused for good; empty when the same may succeed later. */
  why: string;
  /** Of an upload, 0 to 100. */
  progress?: number;
  at: number;
}

export const chat = reactive({
  line: "off" as "off" | "connecting" | "online" | "waiting",
  /** Words went without the line, because none comes about. */
  plain: false,
  conversations: {} as Record<string, Conversation>,
  messages: {} as Record<string, Message[]>,
  /** The number from which on messages are held; what came before is fetched when somebody looks for it. */
  starts: {} as Record<string, number>,
  outbox: kept<Outgoing[]>("outbox", []).map((one) => ({ ...one, state: "failed" as Outgoing["state"] })),
  typing: {} as Record<string, number>,
  room: "",
  /** Milliseconds by which the server's clock is ahead of this phone's. */
  ahead: 0,
  /** Seconds within which an own message may be edited or recalled. */
  changeWithin: { edit: 0, recall: 0 },
});
export const unread = computed(() => Object.values(chat.conversations).reduce((sum, one) => sum + (one.unread || 0), 0));

export function know(one: Conversation): void {
  chat.conversations[one.id] = { ...chat.conversations[one.id], ...one };
}

/** Puts a message in its one place; a hole before it means that we ask for what is missing. */
export function receive(message: Message): void {
  const list = (chat.messages[message.conversation] ??= []);
  if (message.client_id) chat.outbox = chat.outbox.filter((one) => one.client_id !== message.client_id);
  const last = list[list.length - 1]?.seq ?? (chat.starts[message.conversation] ?? 1) - 1;
  if (message.seq <= last) return;
  if (message.seq > last + 1) {
    transmit({ type: "sync", conversation: message.conversation, after: last });
    return;
  }
  list.push(message);
  if (isEntry(message)) amend(list, message);
  delete chat.typing[message.conversation];
  count(message, list);
}

/** An edit or a recall: it has a number, and nothing to show by itself. */
export const isEntry = (message: Message): boolean => message.kind === "edit" || message.kind === "recall";

function amend(list: Message[], change: Message): void {
  const it = list.find((one) => one.seq === change.body.of);
  if (!it || it.recalled) return;
  if (change.kind === "recall") {
    it.was = it.sender.role === "citizen" && it.kind === "text" ? String(it.body.text ?? "") : undefined;
    Object.assign(it, { body: {}, recalled: true, edited: false });
  } else if (typeof change.body.text === "string") Object.assign(it, { body: { ...it.body, text: change.body.text }, edited: true });
}

function count(message: Message, list: Message[]): void {
  const known = chat.conversations[message.conversation];
  if (!known) return void refreshConversation(message.conversation);
  const fresh = message.seq > known.last_seq;
  known.last_seq = Math.max(known.last_seq, message.seq);
  const shown = [...list].reverse().find((one) => !isEntry(one));
  if (shown) known.last_message = { kind: shown.kind, preview: (shown.body.text as string) ?? "", at: shown.at, recalled: !!shown.recalled };
  if (!fresh || chat.room === message.conversation) return;
  const of = message.kind === "recall" ? list.find((one) => one.seq === message.body.of) : message;
  const somebodyElse = !!of && !["citizen", "system"].includes(of.sender.role); // as the server counts
  if (!somebodyElse || message.kind === "edit") return;
  if (message.kind !== "recall") known.unread = (known.unread || 0) + 1;
  else if (of.seq > (known.read?.citizen ?? 0)) known.unread = Math.max(0, (known.unread || 0) - 1);
}

/** Whether an own message may still be edited or recalled; the server decides, this only spares people a refusal. */
export function changeable(message: Message, how: "edit" | "recall"): boolean {
  const open = chat.conversations[message.conversation]?.state !== "closed";
  const kinds = how === "edit" ? ["text"] : ["text", "image", "card"];
  if (message.sender.role !== "citizen" || message.recalled || !open || !kinds.includes(message.kind)) return false;
  return Date.now() + chat.ahead - Date.parse(message.at) < chat.changeWithin[how] * 1000;
}

export function emptyChat(): void {
  Object.assign(chat, { conversations: {}, messages: {}, starts: {} });
}

export function readUpTo(conversation: string, seq: number): void {
  const known = chat.conversations[conversation];
  if (!known || seq <= 0) return;
  known.unread = 0;
  if ((known.read?.citizen ?? 0) >= seq) return;
  if (transmit({ type: "read", conversation, seq }) && known.read) known.read.citizen = seq;
}

export async function fetchConversations(): Promise<Conversation[]> {
  const list = (await ask<{ items: Conversation[] }>("/consultations?limit=50")).items;
  list.forEach(know);
  return list;
}

export async function refreshConversation(id: string): Promise<Conversation> {
  const found = await ask<Conversation>(`/consultations/${id}`);
  know(found);
  return found;
}

const PAGE = 50;
const page = (id: string, after: number, limit: number): Promise<{ items: Message[]; last_seq: number }> =>
  ask(`/consultations/${id}/messages?after=${after}&limit=${limit}`);

/** The newest page first, then everything after what we hold, page by page. */
export async function fetchMessages(id: string): Promise<void> {
  if (!chat.messages[id]?.length && !(id in chat.starts)) chat.starts[id] = Math.max(0, (chat.conversations[id]?.last_seq ?? 0) - PAGE) + 1;
  for (;;) {
    const after = chat.messages[id]?.slice(-1)[0]?.seq ?? (chat.starts[id] ?? 1) - 1;
    const found = await page(id, after, 100);
    found.items.forEach(receive);
    chat.messages[id] ??= [];
    const now = chat.messages[id]?.slice(-1)[0]?.seq ?? 0;
    if (!found.items.length || now >= found.last_seq || now === after) return;
  }
}

/** The page before what we hold. */
export async function fetchEarlier(id: string): Promise<void> {
  const from = chat.starts[id] ?? 1;
  const after = Math.max(0, from - 1 - PAGE);
  if (from <= 1) return;
  const found = await page(id, after, from - 1 - after);
  if ((chat.starts[id] ?? 1) !== from) return;
  chat.messages[id] = [...found.items.filter((one) => one.seq < from), ...(chat.messages[id] ?? [])];
  chat.starts[id] = after + 1;
}

export async function openConsultation(about: Record<string, string>): Promise<Conversation> {
  const made = await ask<Conversation>("/consultations", { method: "POST", key: newKey(), body: about });
  know(made);
  return made;
}

let question = "";
/** A question on its way from the search to a desk; in memory only, for an address is kept in histories and logs. */
export function bringQuestion(words: string): void {
  question = words.trim();
}
/** The question brought along, once. */
export function takeQuestion(): string {
  const brought = question;
  question = "";
  return brought;
}
