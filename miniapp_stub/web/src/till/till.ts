import { BASE, Refusal } from '../api/http'
import { call, newKey, session } from '../api/session'
import type { Page, Said } from '../api/shapes'

export interface Shift {
  id: string
  cashier: string
  department: Said
  window: string
  state: 'open' | 'counted' | 'confirmed'
  float_fen: number
  opened_at: string
  counted_at: string | null
  confirmed_at: string | null
  taken: Record<'cash' | 'pos' | 'cheque', number>
  clearing_fen: number
  expected_fen: number
  counted_fen: number | null
  difference_note: string
  to_deposit: Record<'cash' | 'pos', number>
  mine: boolean
}
export interface Taking {
  id: string
  means: 'cash' | 'pos' | 'cheque'
  state: 'taken' | 'clearing' | 'bounced'
  amount_fen: number
  change_fen: number | null
  bank: string
  reference: string
  taken_at: string
  bounce_reason: string
  titles: Said[]
  receipts: { id: string; number: string | null; title: Said; amount_fen: number; pdf_url: string }[]
}
export interface Deposit { id: string; means: 'cash' | 'pos'; state: 'entered' | 'confirmed' | 'refused'; amount_fen: number; slip: string; deposited_on: string; refusal: string }
export interface ShiftDetail extends Shift { takings: Taking[]; deposits: Deposit[] }
export interface Found { id: string; payment_code: string; title: Said; department: { name: Said }; amount_fen: number; state: string; payer_masked: string }

export const shifts = (state: string, cursor: string | null): Promise<Page<Shift>> => call('GET', '/counter/shifts', { query: { state, limit: 50, cursor } })
export const shift = (id: string): Promise<ShiftDetail> => call('GET', `/counter/shifts/${id}`)
export const findBill = (code: string): Promise<Found> => call('GET', '/bills/lookup', { query: { payment_code: code } })
export const act = <T>(path: string, body: object, key = newKey()): Promise<T> => call('POST', `/counter/${path}`, { body, key })

/** Opens a receipt to be printed. */
export async function printReceipt(receipt: Taking['receipts'][number]): Promise<void> {
  const headers = { Authorization: `Bearer ${session.kept?.access ?? ''}` }
  const answer = await fetch(`${BASE}${receipt.pdf_url.slice(BASE.length)}`, { headers, cache: 'no-store' })
  if (!answer.ok) throw new Refusal(answer.status, (await answer.json().catch(() => ({}))) as Record<string, unknown>)
  const link = document.createElement('a')
  link.href = URL.createObjectURL(await answer.blob())
  link.download = `receipt-${receipt.number ?? receipt.id}.pdf`
  link.click()
  window.setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}
