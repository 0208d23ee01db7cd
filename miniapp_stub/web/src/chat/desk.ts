import { computed, reactive } from 'vue'

import { Refusal } from '../api/http'
import { call, me } from '../api/session'
import type { Conversation, Message, Named, Page } from '../api/shapes'
import { t } from '../i18n'
import { isEntry } from './changes'
import { line, on, onLineState, send } from './line'
import { emptyThreads } from './threads'

/** `held`: in the hands of others; for who supervises them. */
export type Scope = 'mine' | 'queue' | 'inquiries' | 'held' | 'closed'
export type Status = 'online' | 'busy' | 'away'

export interface Offer {
  conversation: string
  item: Named | null
  citizen: string
  expiresAt: string
}

interface Shelf {
  phase: 'loading' | 'ready' | 'failed'
  refusal: Refusal | null
  ids: string[]
  next: string | null
}

export interface Presence {
  status: Status
  capacity: number
  /** Offers are taken at once instead of being asked about. */
  autoAccept: boolean
}

const PRESENCE_KEPT = 'handheld.console.presence'
const TYPING_SHOWN_MS = 5000
const TYPING_EVERY_MS = 3000
const shelf = (): Shelf => ({ phase: 'loading', refusal: null, ids: [], next: null })

export const conversations = reactive(new Map<string, Conversation>())
export const shelves = reactive<Record<Scope, Shelf>>({ mine: shelf(), queue: shelf(), inquiries: shelf(), held: shelf(), closed: shelf() })
export const offers = reactive(new Map<string, Offer>())
export const typingUntil = reactive(new Map<string, number>())
export const desk = reactive<{ status: Status; capacity: number; autoAccept: boolean; open: string | null; notice: string | null }>({
  status: 'online',
  capacity: 5,
  autoAccept: false,
  open: null,
  notice: null,
})

/** Everything a citizen waits for on this desk: for the rail's badge and the window's title. */
export const waiting = computed(() => {
  const mine = shelves.mine.ids.map((id) => conversations.get(id)?.unread ?? 0)
  return mine.filter((unread) => unread > 0).length + offers.size
})

function recallPresence(): void {
  try {
    const kept = JSON.parse(sessionStorage.getItem(PRESENCE_KEPT) ?? '{}') as Partial<Presence>
    Object.assign(desk, { status: kept.status ?? 'online', capacity: kept.capacity ?? 5, autoAccept: kept.autoAccept ?? false })
  } catch {
    sessionStorage.removeItem(PRESENCE_KEPT)
  }
}

recallPresence()

function tellPresence(): void {
  send({ type: 'presence', status: desk.status, capacity: desk.capacity, auto_accept: desk.autoAccept })
}

export function setPresence(chosen: Partial<Presence>): void {
  Object.assign(desk, chosen)
  const { status, capacity, autoAccept } = desk
  sessionStorage.setItem(PRESENCE_KEPT, JSON.stringify({ status, capacity, autoAccept }))
  tellPresence()
}

function merge(read: Conversation): void {
  const known = conversations.get(read.id)
  conversations.set(read.id, known ? { ...known, ...read } : read)
}

export async function readShelf(scope: Scope, more = false): Promise<void> {
  const held = shelves[scope]
  try {
    const query = { limit: 50, cursor: more ? held.next : null }
    const read = scope === 'inquiries'
      ? await call<Page<Conversation>>('GET', '/desk/inquiries', { query })
      : await call<Page<Conversation>>('GET', '/consultations', { query: { scope, ...query } })
    read.items.forEach(merge)
    const ids = read.items.map((one) => one.id)
    held.ids = more ? [...held.ids, ...ids.filter((id) => !held.ids.includes(id))] : ids
    held.next = read.next_cursor
    held.phase = 'ready'
    held.refusal = null
  } catch (caught) {
    held.refusal = caught as Refusal
    if (held.phase !== 'ready') held.phase = 'failed'
  }
}

export async function readConversation(id: string): Promise<Conversation> {
  const read = await call<Conversation>('GET', `/consultations/${id}`)
  merge(read)
  return read
}

let rereading = 0

/** Frames come in bursts (assigned, message, receipt): one reading of the lists answers them all. */
function rereadSoon(): void {
  window.clearTimeout(rereading)
  rereading = window.setTimeout(() => {
    void readShelf('mine')
    void readShelf('queue')
    void readShelf('inquiries')
    if (shelves.closed.phase === 'ready') void readShelf('closed')
    if (shelves.held.phase === 'ready') void readShelf('held')
  }, 300)
}

/** Says how far this clerk has read; the citizen sees it as a read mark. */
export function readUpTo(id: string, seq: number): void {
  const known = conversations.get(id)
  if (!known || known.clerk?.id !== me.value?.id) return
  if (seq <= known.read.clerk && known.unread === 0) return
  if (!send({ type: 'read', conversation: id, seq })) return
  known.unread = 0
  known.read = { ...known.read, clerk: Math.max(seq, known.read.clerk) }
}

let typingSentAt = 0

export function typing(id: string): void {
  // Of an inquiry nobody is told: it has no clerk until the answer is sent.
  if (conversations.get(id)?.state !== 'assigned' || Date.now() - typingSentAt < TYPING_EVERY_MS) return
  typingSentAt = Date.now()
  send({ type: 'typing', conversation: id })
}

export function replyToOffer(id: string, accept: boolean): void {
  if (!send({ type: 'offer_reply', conversation: id, accept })) return
  offers.delete(id)
  rereadSoon()
}

/** Takes a waiting conversation of one's matters out of the queue; an error frame says when somebody was faster. */
export const takeOver = (id: string): void => replyToOffer(id, true)

/** "Next, please": whoever waits longest for a matter of ours becomes ours. */
export async function nextPlease(): Promise<Conversation> {
  const taken = await call<Conversation>('POST', '/desk/consultations/next', { body: {} })
  merge(taken)
  rereadSoon()
  return taken
}

export function leaveDesk(): void {
  conversations.clear()
  offers.clear()
  emptyThreads()
  Object.assign(shelves, { mine: shelf(), queue: shelf(), inquiries: shelf(), held: shelf(), closed: shelf() })
  sessionStorage.removeItem(PRESENCE_KEPT)
  Object.assign(desk, { status: 'online', open: null, notice: null })
}

on('welcome', (frame) => {
  if (Array.isArray(frame.conversations)) (frame.conversations as Conversation[]).forEach(merge)
  // A tab opened afresh begins its shift online; limits are only said when they were chosen here.
  if (sessionStorage.getItem(PRESENCE_KEPT)) tellPresence()
  else send({ type: 'presence', status: desk.status })
  rereadSoon()
})

on('conversation', (frame) => {
  const { type: _type, conversation, ...state } = frame
  const known = conversations.get(String(conversation))
  if (known) {
    const returned = (state.reason as Conversation['reason'])?.code === 'transfer_returned' && known.reason?.code !== 'transfer_returned'
    Object.assign(known, state, { id: known.id })
    if (returned && known.clerk?.id === me.value?.id) desk.notice = t('transfer.returned', { name: known.citizen.name_masked ?? '' })
  }
  else void readConversation(String(conversation)).catch(() => undefined)
  if (state.state !== 'offered') offers.delete(String(conversation))
  rereadSoon()
})

on('message', (frame) => {
  const message = frame as unknown as Message
  const known = conversations.get(message.conversation)
  if (!known) return rereadSoon()
  if (message.kind === 'note') return
  if (message.seq <= known.last_seq) return
  known.last_seq = message.seq
  if (isEntry(message)) return rereadSoon()
  const preview = typeof message.body.text === 'string' ? message.body.text : ''
  known.last_message = { kind: message.kind, preview, at: message.at }
  if (message.sender.role === 'citizen') {
    known.unread += 1
    typingUntil.delete(message.conversation)
  }
})

on('ack', (frame) => {
  const known = conversations.get(String(frame.conversation))
  if (known) known.last_seq = Math.max(known.last_seq, Number(frame.seq))
})

on('receipt', (frame) => {
  const known = conversations.get(String(frame.conversation))
  if (!known) return
  const side = frame.by === 'citizen' || frame.by === known.citizen.id ? 'citizen' : 'clerk'
  known.read = { ...known.read, [side]: Math.max(known.read[side], Number(frame.read) || 0) }
  const delivered = known.delivered ?? { citizen: 0, clerk: 0 }
  known.delivered = { ...delivered, [side]: Math.max(delivered[side], Number(frame.delivered) || 0) }
})

on('typing', (frame) => {
  typingUntil.set(String(frame.conversation), Date.now() + TYPING_SHOWN_MS)
})

on('offer', (frame) => {
  const citizen = frame.citizen as string | { name_masked?: string | null } | null
  offers.set(String(frame.conversation), {
    conversation: String(frame.conversation),
    item: (frame.item as Named | null) ?? null,
    citizen: typeof citizen === 'string' ? citizen : (citizen?.name_masked ?? ''),
    expiresAt: String(frame.expires_at),
  })
})

on('presence', (frame) => {
  desk.status = frame.status as Status
  desk.capacity = Number(frame.capacity) || desk.capacity
  desk.autoAccept = frame.auto_accept === true
})

on('error', (frame) => {
  // A conversation that went to a colleague while we were away is no news worth a message: the lists show it.
  const handedOn = frame.code === 'not_found' && !!frame.conversation
  if (!handedOn && !frame.client_id && !String(frame.code).startsWith('token_')) desk.notice = String(frame.detail ?? frame.code)
  // An offer that ran out or was taken elsewhere is answered with an error; the lists then tell the truth.
  rereadSoon()
})

onLineState((state) => {
  if (state !== 'ready' && line.state !== 'ready') typingUntil.clear()
})
