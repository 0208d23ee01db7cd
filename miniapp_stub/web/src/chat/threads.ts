import { reactive } from 'vue'

import { Refusal } from '../api/http'
import { call, me } from '../api/session'
import type { Message, MessageBody, Page } from '../api/shapes'
import { amend, isEntry } from './changes'
import { line, on, onLineState, send, tellSince } from './line'
import type { Frame } from './wire'

/** A message of ours that has no place in the conversation yet. `unsent` waits for the line, `failed` for a person. */
export interface Outgoing {
  clientId: string
  kind: 'text' | 'image' | 'card' | 'note' | 'edit' | 'recall'
  body: MessageBody
  preview: MessageBody
  at: string
  state: 'sending' | 'unsent' | 'failed'
  why: string | null
  /** The sender was told what is in the text, and means it. */
  confirmed?: boolean
  /** What the server wants to be asked about. */
  doubt?: string[]
}

/** What is held of one conversation: `from`..`to` without a hole, then what came too early, then what is unsent. */
export interface Thread {
  phase: 'unread' | 'loading' | 'ready' | 'failed'
  refusal: Refusal | null
  messages: Message[]
  /** Internal notes stand beside the sequence: their `seq` is the message they follow, so they are told apart by id. */
  notes: Message[]
  early: Map<number, Message>
  outgoing: Outgoing[]
  from: number
  to: number
  fetchingEarlier: boolean
}

const PAGE = 50
/** No answer for this long: the bubble says so and offers to send again with the same id. */
const ACK_WITHIN_MS = 8000

export const threads = reactive(new Map<string, Thread>())

function thread(conversation: string): Thread {
  const held = threads.get(conversation)
  if (held) return held
  threads.set(conversation, {
    phase: 'unread', refusal: null, messages: [], notes: [], early: new Map(), outgoing: [], from: 1, to: 0, fetchingEarlier: false,
  })
  return threads.get(conversation) as Thread
}

export const threadOf = thread

function forgetOutgoing(held: Thread, clientId: string | null): void {
  if (clientId) held.outgoing = held.outgoing.filter((waiting) => waiting.clientId !== clientId)
}

function pin(held: Thread, note: Message): void {
  const known = held.notes.findIndex((other) => other.id === note.id || (!!note.client_id && other.client_id === note.client_id))
  if (known >= 0) held.notes[known] = note
  else held.notes.push(note)
}

function place(held: Thread, message: Message): void {
  held.messages.push(message)
  held.to = message.seq
  if (isEntry(message)) amend(held.messages, message)
}

/** Takes a message wherever it comes from (page, socket, ack) and puts it in its one place; repeats change nothing. */
export function take(message: Message): void {
  const held = thread(message.conversation)
  if (message.sender.id === me.value?.id) forgetOutgoing(held, message.client_id)
  if (held.phase !== 'ready') return
  if (message.kind === 'note') return pin(held, message)
  if (message.seq <= held.to) {
    const at = held.messages.findIndex((known) => known.seq === message.seq)
    if (at >= 0) held.messages[at] = message
    return
  }
  held.early.set(message.seq, message)
  for (let next = held.early.get(held.to + 1); next; next = held.early.get(held.to + 1)) {
    held.early.delete(next.seq)
    place(held, next)
  }
  if (held.early.size > 0) send({ type: 'sync', conversation: message.conversation, after: held.to })
}

async function page(conversation: string, after: number, limit: number): Promise<Message[]> {
  const query = { after, limit }
  return (await call<Page<Message>>('GET', `/consultations/${conversation}/messages`, { query })).items
}

/** Fetches the newest page; `lastSeq` is the conversation's last known place. */
export async function openThread(conversation: string, lastSeq: number): Promise<void> {
  const held = thread(conversation)
  if (held.phase === 'loading') return
  held.phase = 'loading'
  held.refusal = null
  try {
    const after = Math.max(0, lastSeq - PAGE)
    const read = await page(conversation, after, PAGE * 2)
    held.messages = read.filter((message) => message.kind !== 'note')
    held.notes = read.filter((message) => message.kind === 'note')
    held.early.clear()
    held.from = held.messages[0]?.seq ?? after + 1
    held.to = held.messages.at(-1)?.seq ?? after
    held.phase = 'ready'
    read.filter((message) => message.sender.id === me.value?.id).forEach((mine) => forgetOutgoing(held, mine.client_id))
    send({ type: 'sync', conversation, after: held.to })
  } catch (caught) {
    held.refusal = caught as Refusal
    held.phase = 'failed'
  }
}

export async function earlier(conversation: string): Promise<void> {
  const held = thread(conversation)
  if (held.fetchingEarlier || held.from <= 1) return
  held.fetchingEarlier = true
  try {
    const after = Math.max(0, held.from - 1 - PAGE)
    const read = await page(conversation, after, held.from - 1 - after)
    held.messages = [...read.filter((message) => message.kind !== 'note' && message.seq < held.from), ...held.messages]
    read.filter((message) => message.kind === 'note').forEach((note) => pin(held, note))
    held.from = after + 1
  } finally {
    held.fetchingEarlier = false
  }
}

function frameOf(conversation: string, { clientId: client_id, kind, body }: Outgoing): Frame {
  if (kind === 'edit') return { type: 'edit', conversation, client_id, of: body.of, body: { text: body.text } }
  if (kind === 'recall') return { type: 'recall', conversation, client_id, of: body.of }
  return { type: 'send', conversation, client_id, kind, body }
}

function dispatch(conversation: string, waiting: Outgoing): void {
  const { clientId: client_id } = waiting
  const sent = send({ ...frameOf(conversation, waiting), ...(waiting.confirmed ? { confirmed: true } : {}) })
  waiting.state = sent ? 'sending' : 'unsent'
  waiting.why = null
  if (!sent) return
  window.setTimeout(() => {
    const still = thread(conversation).outgoing.find((other) => other.clientId === client_id)
    if (still?.state === 'sending') still.state = 'failed'
  }, ACK_WITHIN_MS)
}

/** Shows the message at once and sends it; `preview` is what the bubble shows until the server's own form arrives. */
export function say(conversation: string, kind: Outgoing['kind'], said: { body: MessageBody; preview?: MessageBody; confirmed?: boolean }): void {
  const held = thread(conversation)
  held.outgoing.push({
    clientId: crypto.randomUUID(),
    kind,
    body: said.body,
    preview: said.preview ?? said.body,
    at: new Date().toISOString(),
    state: 'sending',
    why: null,
    confirmed: said.confirmed,
  })
  dispatch(conversation, held.outgoing.at(-1) as Outgoing)
}

/** Another text for an own message, or without one: it is recalled. One change of a message waits at a time. */
export function change(message: Message, text?: string): void {
  const waiting = changeOf(message)
  if (waiting) takeBack(message.conversation, waiting.clientId)
  if (text === undefined) say(message.conversation, 'recall', { body: { of: message.seq } })
  else say(message.conversation, 'edit', { body: { of: message.seq, text } })
}

export const changeOf = (message: Message): Outgoing | undefined =>
  threads.get(message.conversation)?.outgoing.find((waiting) => isEntry(waiting) && waiting.body.of === message.seq)

/** The same client id again: the server answers a repeat with the first ack, so nothing is said twice. */
export function sayAgain(conversation: string, clientId: string): void {
  const waiting = thread(conversation).outgoing.find((other) => other.clientId === clientId)
  if (waiting) dispatch(conversation, waiting)
}

export function takeBack(conversation: string, clientId: string): void {
  forgetOutgoing(thread(conversation), clientId)
}

/** Somebody else's conversation is looked at no longer: nothing more is told of it, and the clerk sees that we went. */
export function leaveThread(conversation: string): void {
  const held = threads.get(conversation)
  if (held?.phase !== 'ready') return
  send({ type: 'leave', conversation })
  if (held.outgoing.length === 0) threads.delete(conversation)
  else held.phase = 'unread'
}

/** Drops everything held; the next sign-in starts with empty hands. */
export function emptyThreads(): void {
  threads.clear()
}

tellSince(() => Object.fromEntries(
  [...threads].filter(([, held]) => held.phase === 'ready').map(([id, held]) => [id, held.to]),
))

on('message', (frame) => take(frame as unknown as Message))

on('ack', (frame) => {
  const conversation = String(frame.conversation)
  const waiting = thread(conversation).outgoing.find((other) => other.clientId === frame.client_id)
  if (!waiting || !me.value) return
  take({
    conversation,
    seq: Number(frame.seq),
    id: String(frame.client_id),
    client_id: waiting.clientId,
    sender: { role: 'clerk', id: me.value.id, name: me.value.name },
    kind: waiting.kind,
    // What was hidden is hidden from us too.
    body: (frame.body as MessageBody | undefined) ?? waiting.preview,
    at: String(frame.at),
  })
})

on('reset', (frame) => {
  const held = threads.get(String(frame.conversation))
  if (held && held.phase === 'ready') void openThread(String(frame.conversation), held.to)
})

on('error', (frame) => {
  const waiting = threads.get(String(frame.conversation))?.outgoing.find((other) => other.clientId === frame.client_id)
    ?? [...threads.values()].flatMap((held) => held.outgoing).find((other) => other.clientId === frame.client_id)
  if (!waiting) return
  waiting.state = 'failed'
  if (frame.code === 'reply_not_sure') waiting.doubt = (frame.kinds as string[] | undefined) ?? []
  waiting.why = String(frame.detail ?? frame.code ?? '')
})

onLineState((state) => {
  const waiting = [...threads].flatMap(([id, held]) => held.outgoing.map((outgoing) => ({ id, outgoing })))
  if (state === 'ready') {
    waiting.filter(({ outgoing }) => outgoing.state !== 'failed').forEach(({ id, outgoing }) => dispatch(id, outgoing))
  }
  if (state === 'waiting' && line.state !== 'ready') {
    waiting.filter(({ outgoing }) => outgoing.state === 'sending').forEach(({ outgoing }) => (outgoing.state = 'unsent'))
  }
})
