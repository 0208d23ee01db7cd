import { BASE, Refusal } from '../api/http'
import { call, newKey, proven, session } from '../api/session'
import type { Page, Said } from '../api/shapes'
import { tag } from '../i18n'

export const STATES = ['open', 'waiting', 'mine', 'over', 'all'] as const
export type Filter = (typeof STATES)[number]
export type Booked = [string, number][]

interface Person {
  id: string
  name: string
}

export interface Matter {
  id: string
  source: 'difference' | 'exception'
  class: string
  class_text: Said
  suggestion: Said
  channel: string
  day: string
  run: string | null
  reference: string
  out_trade_no: string
  transaction_id: string
  ours_fen: number | null
  theirs_fen: number | null
  ours: string
  theirs: string
  opened_at: string
  age_days: number
  expected_by: string | null
  overdue: boolean
  state: string
  owner: Person | null
  mine: boolean
  proposal: 'waiting' | 'approved' | null
}

export interface Action {
  action: string
  title: Said
  words: Said
  waits: boolean
  suggested: boolean
  books: Booked
}

export interface Proposal {
  id: string
  action: string
  title: Said
  note: string
  expected_by: string | null
  state: string
  proposed_by: Person
  proposed_at: string
  decided_by: Person | null
  decided_at: string | null
  decision_note: string
  outcome: string
  booked: Booked
  books: Booked
}

export interface MatterDetail extends Matter {
  settled_at: string | null
  day_closed: boolean
  actions: Action[]
  accounts: { account: string; name: Said }[]
  may_decide: boolean
  may_withdraw: boolean
  proposals: Proposal[]
}

export interface Ageing {
  at: string
  open: number
  overdue: number
  waiting: number
  unowned: number
  ages: { since_days: number; until_days: number | null; count: number; fen: number }[]
  kinds: { source: string; class: string; class_text: Said; count: number; fen: number; overdue: number; ages: number[] }[]
}

export interface DayRow {
  day: string
  state: 'today' | 'open' | 'ready' | 'closed' | 'reopen_asked'
  number: number | null
  closes: number
  statements: number
  closed_at: string | null
  closed_by: Person | null
  obstacles: { code: string; words: Said; count: number; channel: string | null }[]
}

export interface Paper {
  id: string
  number: string
  close: number
  department: string
  name: Said
  received_fen: number
  returned_fen: number
  handed_fen: number
  closing_fen: number
  entries: number
  digest: string
  verify_url: string
  replaced: boolean
}

export interface Day extends DayRow {
  time_zone: string
  since: string
  until: string
  accounts: { account: string; name: Said; opening_fen: number; debit_fen: number; credit_fen: number; closing_fen: number; entries: number }[]
  runs: { channel: string; run: string | null; state: string | null; matched: number | null; bill_sha1: string | null; carried_over: number }[]
  history: { id: string; number: number; closed_by: Person | null; closed_at: string; reopen_asked_by: Person | null; reopen_asked_at: string | null; reopen_reason: string; reopened_by: Person | null; reopened_at: string | null }[]
  papers: Paper[]
  may_close: boolean
  may_ask: boolean
  may_decide: boolean
}

const DESK = '/differences'
export const matters = (state: Filter, cursor: string | null): Promise<Page<Matter>> => call('GET', DESK, { query: { state, limit: 50, cursor } })
export const matter = (id: string): Promise<MatterDetail> => call('GET', `${DESK}/${id}`)
export const ageing = (): Promise<Ageing> => call('GET', `${DESK}/board`)
export const take = (id: string): Promise<MatterDetail> => call('POST', `${DESK}/${id}/owner`, { body: {} })
export const propose = (id: string, body: object, key: string): Promise<MatterDetail> => call('POST', `${DESK}/${id}/proposal`, { body, key })
export const decide = (id: string, proposal: string, approve: boolean, note: string, key: string): Promise<MatterDetail> => call('POST', `${DESK}/${id}/approval`, { body: { proposal, approve, note }, key })

export const days = (cursor: string | null): Promise<Page<DayRow>> => call('GET', '/days', { query: { limit: 31, cursor } })
export const day = (of: string): Promise<Day> => call('GET', `/days/${of}`)
export const closeDay = (of: string, key: string): Promise<Day> => call('POST', `/days/${of}/close`, { body: {}, key })
export const askReopening = (of: string, reason: string, key: string): Promise<Day> => call('POST', `/days/${of}/reopening`, { body: { reason }, key })
export const decideReopening = (of: string, approve: boolean, key: string): Promise<Day> => call('POST', `/days/${of}/reopening-approval`, { body: { approve }, key })
export { newKey }

/** Hands the browser a file; the token goes in a header, never in the address. */
export async function fetchFile(path: string, given: Record<string, string> = {}): Promise<void> {
  await proven(async () => {
    const headers = { 'Authorization': `Bearer ${session.kept?.access ?? ''}`, 'Accept-Language': tag() }
    const search = new URLSearchParams(given).toString()
    const answer = await fetch(`${BASE}${path}${search ? `?${search}` : ''}`, { headers, cache: 'no-store' })
    if (!answer.ok) throw new Refusal(answer.status, (await answer.json().catch(() => ({}))) as Record<string, unknown>)
    const link = document.createElement('a')
    link.href = URL.createObjectURL(await answer.blob())
    link.download = /filename="([^"]+)"/.exec(answer.headers.get('Content-Disposition') ?? '')?.[1] ?? 'file'
    link.click()
    URL.revokeObjectURL(link.href)
  })
}
