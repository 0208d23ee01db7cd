// Keeps the one socket of this person open, comes back when it was cut, and hands on what is heard.
import { watch } from "vue";
import { device } from "@/platform/device";
import { openLine, type Frame } from "@/platform/socket";
import { chat, emptyChat, fetchMessages, know, receive, refreshConversation, type Conversation, type Message } from "./chat";
import { acknowledged, forgetOutbox, interrupted, postAll, pushAll, refused } from "./outbox";
import { renew, session, signedIn } from "./session";
import { transmit, wire } from "./wire";

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;
const SIGN_OF_LIFE_MS = 4000;
/** A server that takes the connection and says nothing is given up. */
const WELCOME_WITHIN_MS = 8000;
let wanted = false;
let wait = FIRST_WAIT_MS;
let pulse: ReturnType<typeof setInterval> | undefined;
let lastHeard = 0;
let reconnecting: ReturnType<typeof setTimeout> | undefined;
let unwelcomed: ReturnType<typeof setTimeout> | undefined;

/** Keeps a socket open from now on, as long as someone is signed in. */
export function listen(): void {
  wanted = true;
  if (chat.line === "off" || chat.line === "waiting") connect();
}

/**
 * Back in the foreground, or the network is back. Being cut in the background is what phones do: the line is opened at
 * once, and one that looks open has to prove it.
 */
export function wake(): void {
  if (!wanted) return;
  if (chat.line === "waiting") {
    wait = FIRST_WAIT_MS;
    return connect();
  }
  const asked = Date.now();
  if (!transmit({ type: "ping", t: asked })) return;
  setTimeout(() => {
    if (lastHeard < asked) wire.line?.close();
  }, SIGN_OF_LIFE_MS);
}
watch(() => device.online, (online) => online && wake());

export function hangUp(): void {
  wanted = false;
  clearTimeout(reconnecting);
  wire.line?.close();
  emptyChat();
  forgetOutbox();
}

function connect(): void {
  clearTimeout(reconnecting);
  if (!signedIn.value || !wanted) {
    chat.line = "off";
    return;
  }
  chat.line = "connecting";
  const line = openLine({ opened: greet, heard, closed: lost });
  wire.line = line;
  clearTimeout(unwelcomed);
  unwelcomed = setTimeout(() => line.close(), WELCOME_WITHIN_MS);
}

/** What we hold without a gap, per conversation: the server sends everything after it. */
function since(): Record<string, number> {
  return Object.fromEntries(Object.entries(chat.messages).map(([id, list]) => [id, list[list.length - 1]?.seq ?? (chat.starts[id] ?? 1) - 1]));
}

function greet(): void {
  transmit({ type: "hello", token: session.access, since: since(), device: "citizen" });
}

function lost(): void {
  clearInterval(pulse);
  clearTimeout(unwelcomed);
  wire.line = undefined;
  if (chat.line === "connecting") wire.misses += 1;
  interrupted();
  if (!wanted || !signedIn.value) {
    chat.line = "off";
    return;
  }
  chat.line = "waiting";
  postAll();
  reconnecting = setTimeout(connect, wait * (0.75 + Math.random() / 2));
  wait = Math.min(wait * 2, LONGEST_WAIT_MS);
}

function beat(seconds: number): void {
  clearInterval(pulse);
  lastHeard = Date.now();
  pulse = setInterval(() => {
    if (Date.now() - lastHeard > seconds * 2500) return wire.line?.close();
    transmit({ type: "ping", t: Date.now() });
    if (session.ends - Date.now() < 90_000) void renew().then((done) => done && transmit({ type: "refresh", token: session.access }));
  }, seconds * 1000);
}

function heard(frame: Frame): void {
  lastHeard = Date.now();
  HEARD[frame.type]?.(frame);
}

const HEARD: Record<string, (frame: Frame) => void> = {
  welcome(frame) {
    clearTimeout(unwelcomed);
    chat.line = "online";
    chat.plain = false;
    wire.misses = 0;
    wait = FIRST_WAIT_MS;
    chat.ahead = Date.parse(String(frame.server_time)) - Date.now() || 0;
    chat.changeWithin = { edit: Number(frame.edit_s) || 0, recall: Number(frame.recall_s) || 0 };
    (frame.conversations as Conversation[]).forEach(know);
    beat(Number(frame.heartbeat_s) || 25);
    pushAll();
  },
  message: (frame) => receive(frame as unknown as Message),
  ack: (frame) => acknowledged(String(frame.client_id), Number(frame.seq), String(frame.at), frame.body as Record<string, unknown> | undefined),
  caught_up: () => undefined,
  reset(frame) {
    const id = String(frame.conversation);
    chat.messages[id] = [];
    delete chat.starts[id];
    void refreshConversation(id).then(() => fetchMessages(id)).catch(() => undefined);
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
    if (code.startsWith("token_")) void renew().then((done) => (done ? undefined : (wanted = false))).finally(() => wire.line?.close());
  },
  goodbye(frame) {
    wait = Math.max(Number(frame.retry_after_ms) || 0, FIRST_WAIT_MS);
    if (String(frame.reason).startsWith("token")) void renew().finally(() => wire.line?.close());
    else wire.line?.close();
  },
};
