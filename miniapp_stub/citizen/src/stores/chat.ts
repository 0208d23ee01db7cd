// All conversations of this person over one socket: order by seq, resend by client_id, catch up with `since`.
import { computed, reactive } from "vue";
import type { Text } from "@/i18n";
import { ask, newKey } from "@/platform/http";
import { openLine, type Frame, type Line } from "@/platform/socket";
import { keep, kept } from "@/platform/storage";
import type { Named } from "./catalogue";
import { renew, session, signedIn } from "./session";

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
  last_message: { kind: string; preview: string; at: string } | null;
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
  kind: "text" | "image" | "card" | "note" | "system";
  body: Record<string, unknown>;
  at: string;
}
export interface Outgoing {
  client_id: string;
  conversation: string;
  kind: "text" | "image" | "card";
  body: Record<string, unknown>;
  local?: string;
  state: "sending" | "failed";
  why: string;
  at: number;
}

export const chat = reactive({
  line: "off" as "off" | "connecting" | "online" | "waiting",
  conversations: {} as Record<string, Conversation>,
  messages: {} as Record<string, Message[]>,
  outbox: kept<Outgoing[]>("outbox", []).map((one) => ({ ...one, state: "failed" as "failed" | "sending" })),
  typing: {} as Record<string, number>,
  room: "",
});
export const unread = computed(() => Object.values(chat.conversations).reduce((sum, one) => sum + (one.unread || 0), 0));

const SEND_WITHIN_MS = 8000;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;
let line: Line | undefined;
let wanted = false;
let wait = FIRST_WAIT_MS;
let pulse: ReturnType<typeof setInterval> | undefined;
let lastHeard = 0;
let reconnecting: ReturnType<typeof setTimeout> | undefined;

/** Keeps a socket open from now on, as long as someone is signed in. */
export function listen(): void {
  wanted = true;
  if (chat.line === "off" || chat.line === "waiting") connect();
}

export function hangUp(): void {
  wanted = false;
  clearTimeout(reconnecting);
  line?.close();
  chat.conversations = {};
  chat.messages = {};
  chat.outbox = [];
  keepOutbox();
}

function connect(): void {
  clearTimeout(reconnecting);
  if (!signedIn.value || !wanted) {
    chat.line = "off";
    return;
  }
  chat.line = "connecting";
  line = openLine({ opened: greet, heard, closed: lost });
}

/** What we hold without a gap, per conversation: the server sends everything after it. */
function since(): Record<string, number> {
  return Object.fromEntries(Object.entries(chat.messages).map(([id, list]) => [id, list[list.length - 1]?.seq ?? 0]));
}

function greet(): void {
  line?.send({ type: "hello", token: session.access, since: since(), device: "citizen" });
}

function lost(): void {
  clearInterval(pulse);
  line = undefined;
  for (const one of chat.outbox) if (one.state === "sending") one.state = "failed";
  keepOutbox();
  if (!wanted || !signedIn.value) {
    chat.line = "off";
    return;
  }
  chat.line = "waiting";
  reconnecting = setTimeout(connect, wait * (0.75 + Math.random() / 2));
  wait = Math.min(wait * 2, LONGEST_WAIT_MS);
}

function beat(seconds: number): void {
  clearInterval(pulse);
  lastHeard = Date.now();
  pulse = setInterval(() => {
    if (Date.now() - lastHeard > seconds * 2500) return line?.close();
    line?.send({ type: "ping", t: Date.now() });
    if (session.ends - Date.now() < 90_000) void renew().then((done) => done && line?.send({ type: "refresh", token: session.access }));
  }, seconds * 1000);
}

function heard(frame: Frame): void {
  lastHeard = Date.now();
  HEARD[frame.type]?.(frame);
}

const HEARD: Record<string, (frame: Frame) => void> = {
  welcome(frame) {
    chat.line = "online";
    wait = FIRST_WAIT_MS;
    (frame.conversations as Conversation[]).forEach(know);
    beat(Number(frame.heartbeat_s) || 25);
    for (const one of [...chat.outbox]) push(one);
  },
  message: (frame) => receive(frame as unknown as Message),
  ack: (frame) => acknowledged(String(frame.client_id), Number(frame.seq), String(frame.at)),
  caught_up: () => undefined,
  reset(frame) {
    const id = String(frame.conversation);
    chat.messages[id] = [];
    void fetchMessages(id);
  },
  receipt(frame) {
    const known = chat.conversations[String(frame.conversation)];
    const by = String(frame.by) as "citizen" | "clerk";
    if (known?.read && by in known.read) known.read[by] = Math.max(known.read[by], Number(frame.read) || 0);
  },
  conversation(frame) {
    const { type: _, conversation, ...state } = frame;
    const id = String(conversation);
    if (chat.conversations[id]) Object.assign(chat.conversations[id], state);
    else void refreshConversation(id);
  },
  typing: (frame) => (chat.typing[String(frame.conversation)] = Date.now()),
  error(frame) {
    const code = String(frame.code);
    if (frame.client_id) return refused(String(frame.client_id), code, String(frame.detail ?? ""), !!frame.retry);
    if (code.startsWith("token_")) void renew().then((done) => (done ? undefined : (wanted = false))).finally(() => line?.close());
  },
  goodbye(frame) {
    wait = Math.max(Number(frame.retry_after_ms) || 0, FIRST_WAIT_MS);
    if (String(frame.reason).startsWith("token")) void renew().finally(() => line?.close());
    else line?.close();
  },
};

function know(one: Conversation): void {
  chat.conversations[one.id] = { ...chat.conversations[one.id], ...one };
}

/** Puts a message in its one place; a hole before it means that we ask for what is missing. */
function receive(message: Message): void {
  const list = (chat.messages[message.conversation] ??= []);
  if (message.client_id) drop(message.client_id);
  const last = list[list.length - 1]?.seq ?? 0;
  if (list.some((one) => one.seq === message.seq)) return;
  if (message.seq > last + 1) {
    line?.send({ type: "sync", conversation: message.conversation, after: last });
    return;
  }
  list.push(message);
  list.sort((a, b) => a.seq - b.seq);
  delete chat.typing[message.conversation];
  count(message);
}

function count(message: Message): void {
  const known = chat.conversations[message.conversation];
  if (!known) return void refreshConversation(message.conversation);
  if (message.seq <= known.last_seq) return;
  known.last_seq = message.seq;
  known.last_message = { kind: message.kind, preview: String(message.body.text ?? ""), at: message.at };
  const somebodyElse = !["citizen", "system"].includes(message.sender.role); // as the server counts
  if (somebodyElse && chat.room !== message.conversation) known.unread = (known.unread || 0) + 1;
}

function drop(clientId: string): Outgoing | undefined {
  const at = chat.outbox.findIndex((one) => one.client_id === clientId);
  const found = at < 0 ? undefined : chat.outbox.splice(at, 1)[0];
  if (found) keepOutbox();
  return found;
}

/** Committed on the server. Our own words become a message here; the server may send them too, and seq keeps them one. */
function acknowledged(clientId: string, seq: number, at: string): void {
  const mine = drop(clientId);
  if (!mine) return;
  const body = mine.local ? { ...mine.body, url: mine.local, thumbnail_url: mine.local } : mine.body;
  const sender = { role: "citizen", id: session.citizen?.id ?? "", name: null };
  receive({ conversation: mine.conversation, seq, id: clientId, client_id: clientId, sender, kind: mine.kind, body, at });
}

function refused(clientId: string, code: string, detail: string, retry: boolean): void {
  const mine = chat.outbox.find((one) => one.client_id === clientId);
  if (!mine) return;
  mine.state = "failed";
  mine.why = retry ? "" : detail || code;
  keepOutbox();
}

const keepOutbox = (): void => keep("outbox", chat.outbox.filter((one) => one.kind === "text"));

function push(one: Outgoing): void {
  one.state = "sending";
  one.why = "";
  const tried = (one.at = Date.now());
  const { client_id, conversation, kind, body } = one;
  if (!line?.send({ type: "send", client_id, conversation, kind, body })) one.state = "failed";
  setTimeout(() => {
    if (one.state === "sending" && one.at === tried) one.state = "failed";
  }, SEND_WITHIN_MS);
}

/** Says something; shown at once, counted as sent only when the server has acknowledged it. */
export function speakIn(conversation: string, kind: "text" | "image" | "card", body: Record<string, unknown>, local?: string): void {
  chat.outbox.push({ client_id: newKey().slice(0, 60), conversation, kind, body, local, state: "sending", why: "", at: Date.now() });
  keepOutbox();
  const mine = chat.outbox[chat.outbox.length - 1];
  if (mine) push(mine);
}

export function resend(one: Outgoing): void {
  if (chat.line === "waiting") connect();
  push(one);
}

export function readUpTo(conversation: string, seq: number): void {
  const known = chat.conversations[conversation];
  if (!known || seq <= 0) return;
  known.unread = 0;
  if ((known.read?.citizen ?? 0) >= seq) return;
  if (line?.send({ type: "read", conversation, seq }) && known.read) known.read.citizen = seq;
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

/** Everything after what we hold, page by page. */
export async function fetchMessages(id: string): Promise<void> {
  for (;;) {
    const list = chat.messages[id] ?? [];
    const after = list[list.length - 1]?.seq ?? 0;
    const found = await ask<{ items: Message[]; last_seq: number }>(`/consultations/${id}/messages?after=${after}&limit=100`);
    found.items.forEach(receive);
    chat.messages[id] ??= [];
    const now = chat.messages[id]?.slice(-1)[0]?.seq ?? 0;
    if (!found.items.length || now >= found.last_seq || now === after) return;
  }
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
