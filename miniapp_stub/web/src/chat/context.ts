import { reactive } from 'vue'

import { Refusal } from '../api/http'
import { call, me } from '../api/session'
import type { Named, Said } from '../api/shapes'
import { threadOf } from './threads'

/** What lies beside a conversation, and how the things stand its cards stand for. One call each, however many cards. */
export interface Part {
  kind: 'material' | 'field'
  code: string
  name: Said
  reason: string
  replaced: boolean
}

export interface CaseBrief {
  id: string
  case_number: string
  item: Named
  state: string
  state_text: Said
  light: 'green' | 'yellow' | 'red' | null
  working_days_left: number | null
  due_on: string | null
  missing: Part[]
  fee_fen: number | null
}

export interface BillBrief {
  id: string
  title: Said
  state: string
  state_text: Said
  amount_fen: number
  due_on: string
  overdue_days: number
}

export interface TalkBrief {
  id: string
  subject: Said | null
  state: string
  clerk: string | null
  created_at: string
  level: number | null
  made: string[]
  readable: boolean
}

export interface Outcome {
  id: string
  kind: string
  ref: string | null
  state: 'proposed' | 'made' | 'declined' | 'undone'
  title: Said | null
  amount_fen: number | null
  explanation: string | null
  by: string
  at: string
  mine: boolean
}

export interface Beside {
  item: (Named & { version: number; online: string }) | null
  citizen: { id: string; name_masked: string | null; phone_masked: string | null; assurance: string; language: string; elder: boolean; on_behalf_of: string | null }
  cases: CaseBrief[]
  bills: BillBrief[]
  talks: TalkBrief[]
  outcomes: Outcome[]
  income_items: Named[]
}

export interface CardNow {
  seq: number
  card: string
  ref: string
  gone: boolean
  changed: boolean
  title: Said | null
  state: string | null
  state_text: Said | null
  amount_fen: number | null
  due_on: string | null
  number: string | null
  version: number | null
  paragraph: Said | null
  at_time: string | null
  place: Said | null
  parts: Part[]
  done: boolean
}

interface Held {
  phase: 'loading' | 'ready' | 'failed'
  data: Beside | null
  refusal: Refusal | null
  cards: CardNow[]
  cardsPhase: 'loading' | 'ready' | 'failed'
}

const besides = reactive(new Map<string, Held>())
const SOON_MS = 80
let timer = 0
const wanted = new Set<string>()

export function beside(conversation: string): Held {
  const held = besides.get(conversation)
  if (held) return held
  besides.set(conversation, { phase: 'loading', data: null, refusal: null, cards: [], cardsPhase: 'loading' })
  return besides.get(conversation) as Held
}

export async function readBeside(conversation: string): Promise<void> {
  const held = beside(conversation)
  try {
    held.data = await call<Beside>('GET', `/desk/consultations/${conversation}/context`)
    held.phase = 'ready'
    held.refusal = null
  } catch (caught) {
    held.refusal = caught instanceof Refusal ? caught : null
    if (!held.data) held.phase = 'failed'
  }
}

/** Asks once for all cards that want to know within a moment. */
export function lookUpCards(conversation: string): void {
  wanted.add(conversation)
  window.clearTimeout(timer)
  timer = window.setTimeout(() => {
    for (const id of wanted) void readCards(id)
    wanted.clear()
  }, SOON_MS)
}

async function readCards(conversation: string): Promise<void> {
  const held = beside(conversation)
  try {
    held.cards = (await call<{ items: CardNow[] }>('GET', `/consultations/${conversation}/cards`)).items
    held.cardsPhase = 'ready'
  } catch {
    held.cardsPhase = held.cards.length > 0 ? 'ready' : 'failed'
  }
}

/** How the thing of this card stands, as far as it is known. */
export function cardNow(conversation: string, card: string, ref: string): CardNow | null {
  return [...beside(conversation).cards].reverse().find((one) => one.card === card && one.ref === ref) ?? null
}

/** What tells of another state: anything said after the last look. */
export const lastSaid = (conversation: string): number => threadOf(conversation).to

const keyOf = (): string => `handheld.console.context.${me.value?.id ?? ''}`

/** Which parts this clerk keeps folded, on this computer. */
export function folded(): Set<string> {
  try {
    return new Set(JSON.parse(localStorage.getItem(keyOf()) ?? '[]') as string[])
  } catch {
    return new Set()
  }
}

export function keepFolded(names: Set<string>): void {
  localStorage.setItem(keyOf(), JSON.stringify([...names]))
}
