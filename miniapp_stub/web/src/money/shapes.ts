import type { Said } from '../api/shapes'

export interface Person { id: string; name: Said }

export interface Refund {
  id: string; number: string; state: string; state_text: Said; order: string; order_number: string; channel: string; transaction_id: string
  amount_fen: number; paid_fen: number; reason: string; reason_text: Said; note: string; route: string; route_text: Said; needs_second: boolean
  requested_by: Person; requested_at: string; approved_by: Person | null; second_by: Person | null; refusal: string | null
  expected_by: string | null; finished_at: string | null; channel_refund_id: string | null; voucher: string | null
}

export interface RefundDetail extends Refund {
  title: string
  lines: { bill: string; title: Said; line: string; line_name: Said | null; amount_fen: number }[]
  changes: { at: string; from_state: string; to_state: string; who: Person; why: string }[]
}

export interface Refundable {
  order: string; order_number: string; payment_fen: number; left_fen: number; route: string; route_text: Said
  bills: { bill: string; title: Said; payment_code: string; paid_fen: number; left_fen: number; lines: { line: string; name: Said; left_fen: number }[] }[]
}

export interface Posting { account: string; name: Said; amount_fen: number }

export interface Story {
  order: string | null; number: string; channel: string; state: string; state_text: Said | null; amount_fen: number; held_fen: number
  bills: { id: string; title: Said; payment_code: string; department: Said; state: string; payer_masked: string; principal_fen: number; surcharge_fen: number; due_on: string }[]
  payments: { id: string; transaction_id: string; amount_fen: number; outcome: string; outcome_text: Said; paid_at: string; learned_by: string }[]
  refunds: Refund[]
  receipts: { id: string; number: string; status: string; amount_fen: number; issued_at: string }[]
  entries: { at: string; kind: string; kind_text: Said; reference: string; postings: Posting[] }[]
  checked: { run: string; day: string; state: string; differences: number }[]
  happenings: { at: string; kind: string; text: Said; who: Said | null; amount_fen: number | null; reference: string }[]
}

export interface Trace { number: string; kinds: string[]; stories: Story[] }

export interface Account { account: string; name: Said; debit_fen: number; credit_fen: number; balance_fen: number }
export interface Trial { at: string; accounts: Account[]; debit_fen: number; credit_fen: number; balanced: boolean }
export interface Movement { id: string; at: string; kind: string; kind_text: Said; reference: string; against: string[]; against_text: Said[]; amount_fen: number; balance_fen: number }
export interface Movements { account: string; name: Said; since: string; until: string; opening_fen: number; closing_fen: number; items: Movement[]; next_cursor: string | null }
export interface Proof { holds: boolean; days: number; last_day: string | null; first_wrong: string | null; unbalanced: number }

export const TONES: Record<string, string> = { asked: 'warn', requested: 'info', processing: 'info', handed_over: 'info', succeeded: 'good', abnormal: 'bad', closed: 'bad', refused: 'plain' }

/** Yuan as typed, at most two places, as whole fen; null when it is no amount. Never a float on the way. */
export function fenOf(typed: string): number | null {
  const found = /^(\d{1,10})(?:\.(\d{1,2}))?$/.exec(typed.trim())
  if (!found) return null
  const fen = Number(found[1]) * 100 + Number((found[2] ?? '').padEnd(2, '0'))
  return fen > 0 ? fen : null
}
