// What this person says and has no place in the conversation yet: sending, failed, sent again under the same client_id.
import { ask, newKey, Problem, sendFile } from "@/platform/http";
import type { Picture } from "@/platform/pictures";
import { keep } from "@/platform/storage";
import { chat, fetchMessages, receive, type Message, type Outgoing } from "./chat";
import type { Upload } from "./filing";
import { session } from "./session";
import { tell } from "./toast";
import { blocked, transmit } from "./wire";

const SEND_WITHIN_MS = 8000;
/** The bytes of photographs on their way; a picture does not outlive the page. */
const pictures = new Map<string, Picture>();

const keepOutbox = (): void => keep("outbox", chat.outbox.filter((one) => one.kind !== "image"));

function put(conversation: string, said: Pick<Outgoing, "kind" | "body"> & Partial<Outgoing>): Outgoing {
  chat.outbox.push({ client_id: newKey().slice(0, 60), conversation, state: "sending", why: "", at: Date.now(), ...said });
  keepOutbox();
  return chat.outbox[chat.outbox.length - 1] as Outgoing;
}

function drop(clientId: string): Outgoing | undefined {
  const at = chat.outbox.findIndex((one) => one.client_id === clientId);
  const found = at < 0 ? undefined : chat.outbox.splice(at, 1)[0];
  if (found) keepOutbox();
  pictures.delete(clientId);
  return found;
}

function frameOf(one: Outgoing): { type: string } & Record<string, unknown> {
  const { client_id, conversation, kind, body } = one;
  if (kind === "edit") return { type: "edit", client_id, conversation, of: body.of, body: { text: body.text } };
  if (kind === "recall") return { type: "recall", client_id, conversation, of: body.of };
  return { type: "send", client_id, conversation, kind, body };
}

function push(one: Outgoing): void {
  one.state = "sending";
  one.why = "";
  const tried = (one.at = Date.now());
  if (!transmit(frameOf(one))) {
    if (one.kind === "text" && blocked()) void post(one);
    else one.state = "failed";
  }
  setTimeout(() => {
    if (one.state === "sending" && one.at === tried) one.state = "failed";
  }, SEND_WITHIN_MS);
}

const posted = new Set<string>();

/** The line does not come about: words go as a request of their own, under the same client_id, so that they are one message. */
async function post(one: Outgoing): Promise<void> {
  if (posted.has(one.client_id)) return;
  posted.add(one.client_id);
  try {
    const { client_id, conversation, kind, body } = one;
    const ack = await ask<{ seq: number; at: string; body: Record<string, unknown> | null }>(`/consultations/${conversation}/messages`, { method: "POST", body: { client_id, kind, body }, quiet: true });
    chat.plain = chat.line !== "online";
    await fetchMessages(conversation).catch(() => undefined);
    acknowledged(client_id, ack.seq, ack.at, ack.body ?? undefined);
  } catch (failure) {
    const said = failure instanceof Problem ? failure : new Problem(0, "unreachable");
    refused(one.client_id, said.code, said.detail || said.title, said.status < 400 || said.status === 429 || said.status >= 500);
  } finally {
    posted.delete(one.client_id);
  }
}

/** Words that wait for a line that does not come about. */
export function postAll(): void {
  if (blocked()) for (const one of [...chat.outbox]) if (one.kind === "text" && one.state === "failed" && !one.why) push(one);
}

/** The line is open: what was not answered goes again; what was refused for good waits for the person. */
export function pushAll(): void {
  for (const one of [...chat.outbox]) if (one.state !== "uploading" && !one.why && !unsentPicture(one)) push(one);
}

/** The line was cut: nobody knows what became of what was on its way. */
export function interrupted(): void {
  for (const one of chat.outbox) if (one.state === "sending") one.state = "failed";
  keepOutbox();
}

export function forgetOutbox(): void {
  chat.outbox = [];
  keepOutbox();
}

/** Says something; shown at once, counted as sent only when the server has acknowledged it. */
export function speakIn(conversation: string, kind: "text" | "image" | "card", body: Record<string, unknown>, local?: string): void {
  push(put(conversation, { kind, body, local }));
}

/** Another text for an own message, or without one: it is taken back. One change of a message at a time. */
export function change(of: Message, text?: string): void {
  const waiting = changeOf(of);
  if (waiting) drop(waiting.client_id);
  push(put(of.conversation, text === undefined ? { kind: "recall", body: { of: of.seq } } : { kind: "edit", body: { of: of.seq, text } }));
}

export function changeOf(message: Message): Outgoing | undefined {
  return chat.outbox.find((one) => one.conversation === message.conversation && isChange(one.kind) && one.body.of === message.seq);
}

export const isChange = (kind: string): boolean => kind === "edit" || kind === "recall";

/** Shows a photograph at once, uploads it, then says it. */
export function showIn(conversation: string, picture: Picture): void {
  const mine = put(conversation, { kind: "image", body: {}, local: picture.path, state: "uploading", progress: 0 });
  pictures.set(mine.client_id, picture);
  void upload(mine, picture);
}

const unsentPicture = (one: Outgoing): boolean => one.kind === "image" && !one.body.upload;

async function upload(one: Outgoing, picture: Picture): Promise<void> {
  one.state = "uploading";
  one.why = "";
  try {
    const done = await sendFile<Upload>("/uploads", picture, (percent) => (one.progress = percent)).done;
    one.body = { upload: done.id };
    push(one);
  } catch (failure) {
    one.state = "failed";
    one.why = failure instanceof Problem && failure.status >= 400 && failure.status < 500 ? failure.title : "";
  }
}

export function resend(one: Outgoing): void {
  const picture = unsentPicture(one) ? pictures.get(one.client_id) : undefined;
  if (picture) void upload(one, picture);
  else push(one);
}

/** The person does not want to say it any more. */
export function discard(one: Outgoing): void {
  drop(one.client_id);
}

/** Committed on the server. Our own words become a message here; the server may send them too, and seq keeps them one. */
/** `asKept`: the body as everybody reads it, when something was hidden in it. */
export function acknowledged(clientId: string, seq: number, at: string, asKept?: Record<string, unknown>): void {
  const mine = drop(clientId);
  if (!mine) return;
  const body = asKept ?? (mine.local ? { ...mine.body, url: mine.local, thumbnail_url: mine.local } : mine.body);
  const sender = { role: "citizen", id: session.citizen?.id ?? "", name: null };
  receive({ conversation: mine.conversation, seq, id: clientId, client_id: clientId, sender, kind: mine.kind, body, at });
}

/** A change that cannot be made is told once and gone; words that were refused stay where they can be read. */
export function refused(clientId: string, code: string, detail: string, retry: boolean): void {
  const mine = chat.outbox.find((one) => one.client_id === clientId);
  if (!mine) return;
  if (isChange(mine.kind) && !retry) {
    drop(clientId);
    return tell(detail || code);
  }
  mine.state = "failed";
  mine.why = retry ? "" : detail || code;
  keepOutbox();
}
