import { BASE, Refusal } from '../api/http'
import { call, session } from '../api/session'
import type { Said } from '../api/shapes'
import { tag } from '../i18n'
import { w } from './words'

export { w, type Word } from './words'

/** What the board holds; shares are thousandths, null where there is nothing to tell or too little to tell it. */
export interface Day {
  opened: number
  at_once: number | null
  first_answer_s: number | null
  abandoned: number
  satisfied: number | null
}

export interface Clerk {
  id: string
  name: string
  status: 'online' | 'busy' | 'away' | 'gone'
  held: number
  capacity: number | null
  taken: number
  first_answer_s: number | null
  satisfied: number | null
}

export interface Item {
  item: string | null
  name: Said | null
  opened: number
  waiting: number
  inquiries: number
  abandoned: number
  waited_s: number | null
}

export interface Board {
  at: string
  smallest: number
  departments: { code: string; name: Said }[]
  now: { waiting: number; longest_wait_s: number | null; in_hand: number; inquiries: number; overdue: number }
  desks: Record<Clerk['status'], number>
  today: Day
  yesterday: Day
  hours: { hour: number; opened: number; taken: number }[]
  first_answers: { within_s: number | null; count: number }[]
  items: Item[]
  clerks: Clerk[]
  cases: { green: number; yellow: number; red: number }
  red: { id: string; case_number: string; item: string; name: Said; due: string; days_over: number; holder: string | null }[]
  bad_ratings: { waiting: number; overdue: number }
}

export interface Filter {
  department?: string
  item?: string
}

export const readBoard = (filter: Filter): Promise<Board> => call<Board>('GET', '/desk/board', { query: { ...filter } })

/** The board as a sheet; who took it is logged. */
export async function takeSheet(filter: Filter): Promise<void> {
  const given = new URLSearchParams(Object.entries(filter).filter(([, value]) => value) as [string, string][])
  const headers = { Authorization: `Bearer ${session.kept?.access ?? ''}`, 'Accept-Language': tag() }
  const answer = await fetch(`${BASE}/desk/board.csv?${given.toString()}`, { headers, cache: 'no-store' })
  if (!answer.ok) throw new Refusal(answer.status, (await answer.json().catch(() => ({}))) as Record<string, never>)
  const link = document.createElement('a')
  link.href = URL.createObjectURL(await answer.blob())
  link.download = /filename="([^"]+)"/.exec(answer.headers.get('Content-Disposition') ?? '')?.[1] ?? 'board.csv'
  link.click()
  URL.revokeObjectURL(link.href)
}

export function stretch(seconds: number | null): string {
  if (seconds === null) return w('no_data')
  if (seconds < 60) return w('seconds', { n: seconds })
  if (seconds < 3600) return w('minutes', { m: Math.floor(seconds / 60), s: seconds % 60 })
  return w('hours_minutes', { h: Math.floor(seconds / 3600), m: Math.floor((seconds % 3600) / 60) })
}

export const percent = (thousandths: number | null): string => (thousandths === null ? '—' : `${(thousandths / 10).toFixed(1)}%`)
