import { BASE, Refusal } from '../api/http'
import { call, newKey, session } from '../api/session'
import type { Page, Said } from '../api/shapes'
import { named } from '../i18n'

export interface BillRow {
  id: string
  payment_code: string
  title: Said
  state: string
  amount_fen: number
  principal_fen: number
  due_on: string
  overdue_days: number
  payer_masked: string
}
export interface Terms {
  principal_fen: number
  surcharge_fen: number
  since: string | null
  until: string | null
  parts: number
}
export interface Amendment {
  id: string
  bill: string
  kind: string
  kind_text: Said
  state: string
  state_text: Said
  asked_at: string
  by_payer: boolean
  reason: string
  wish: Terms
  terms: Terms | null
  basis: string
  proposed_at: string | null
  decided_at: string | null
  refusal: string | null
}
export interface DeskAmendment extends Amendment {
  payment_code: string
  title: Said
  payer_masked: string
  due_now_fen: number
  proposed_by: string | null
  mine: boolean
}
export interface Step {
  name: Said
  amount_fen: number
  explanation: Said
  basis: Said | null
}
export interface DeskBill extends BillRow {
  department: { code: string; name: Said }
  legal_basis: Said
  income_item: { code: string; name: Said }
  received_on: string | null
  issued_at: string
  paid_fen: number
  replaces: string | null
  replaced_by: string | null
  may_decide: boolean
  dues: {
    built: Step[]
    plan: { place: number; amount_fen: number; due_on: string; state: string }[]
    amendments: Amendment[]
    first_due_on: string | null
    stayed_since: string | null
    notice_url: string
  }
}
export interface Proposal {
  kind: string
  reason: string
  basis: string
  terms: Partial<Terms>
}
export interface Imported {
  imported: number
  unchanged: number
  dry_run: boolean
  problems: { line: number; what: string }[]
  problems_in_all: number
}

/** These pages' sentences, by what they are about. */
export const word = (code: string): string => named('dues', code)
export const KINDS = ['waiver', 'deferral', 'instalments', 'stay', 'withdrawal'] as const
export const STATES = ['unpaid', 'overdue', 'paid', 'waived', 'withdrawn', 'all'] as const

export const deskBills = (state: string, q: string, cursor: string | null): Promise<Page<BillRow>> =>
  call('GET', '/desk/bills', { query: { state, q, cursor, limit: 50 } })
export const deskBill = (id: string): Promise<DeskBill> => call('GET', `/desk/bills/${id}`)
export const issue = (body: object, key: string): Promise<{ id: string; payment_code: string }> => call('POST', '/desk/bills', { body, key })
export const propose = (bill: string, body: Proposal): Promise<Amendment> => call('POST', `/desk/bills/${bill}/amendments`, { body, key: newKey() })
export const endStay = (bill: string, lastDay: string): Promise<DeskBill> => call('POST', `/desk/bills/${bill}/stay-end`, { body: { last_day: lastDay } })
export const amendments = (state: string): Promise<Page<DeskAmendment>> => call('GET', '/desk/amendments', { query: { state, limit: 100 } })
export const examine = (id: string, body: { basis: string; terms: Partial<Terms> }): Promise<DeskAmendment> => call('POST', `/desk/amendments/${id}/proposal`, { body })
/** Agrees to the proposal that is on the screen, and to no later one. */
export const approve = (one: DeskAmendment): Promise<DeskAmendment> => call('POST', `/desk/amendments/${one.id}/approval`, { body: { proposed_at: one.proposed_at }, key: newKey() })
export const refuse = (id: string, why: string): Promise<DeskAmendment> => call('POST', `/desk/amendments/${id}/refusal`, { body: { why }, key: newKey() })

export function importFile(file: File, dryRun: boolean): Promise<Imported> {
  const form = new FormData()
  form.append('file', file)
  return call('POST', '/desk/bills/import', { form, query: { dry_run: String(dryRun), keep_going: 'false' } })
}

/** Saves the notice under its payment code. */
export async function saveNotice(bill: DeskBill): Promise<void> {
  const headers = { Authorization: `Bearer ${session.kept?.access ?? ''}` }
  const answer = await fetch(`${BASE}${bill.dues.notice_url.slice(BASE.length)}`, { headers, cache: 'no-store' })
  if (!answer.ok) throw new Refusal(answer.status, (await answer.json().catch(() => ({}))) as Record<string, unknown>)
  const link = document.createElement('a')
  link.href = URL.createObjectURL(await answer.blob())
  link.download = `notice-${bill.payment_code}.pdf`
  link.click()
  window.setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}

/** Yuan as typed to whole fen by whole-number arithmetic; null when it is no amount. */
export function fen(yuan: string): number | null {
  const parts = /^(\d{1,9})(?:\.(\d{1,2}))?$/.exec(yuan.trim())
  return parts ? Number(parts[1]) * 100 + Number((parts[2] ?? '').padEnd(2, '0')) : null
}
