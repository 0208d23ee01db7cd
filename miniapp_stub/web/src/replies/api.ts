import { call } from '../api/session'
import type { Said } from '../api/shapes'

export interface Reply {
  id: string
  scope: 'item' | 'department' | 'personal'
  item: string | null
  item_name: Said | null
  title: Said
  words: Said
  initials: string
  live: number
  newest: number
  asked: boolean
  asked_by_me: boolean
  at: string | null
  version: number | null
  stale_since: string | null
  withdrawn: boolean
  uses: number
  may_write: boolean
}

export interface Revision {
  number: number
  state: 'asked' | 'live' | 'refused' | 'former'
  title: Said
  words: Said
  cite_version: number | null
  author_name: string
  mine: boolean
  written_at: string
  decided_name: string
}

export interface ReplyDetail extends Reply {
  cite: { heading: Said | null; says: Said | null; now: Said | null; version: number; at: string } | null
  revisions: Revision[]
}

export interface Paragraph {
  at: string
  chapter: string
  heading: Said
  words: Said
}

export interface Paragraphs {
  code: string
  version: number
  items: Paragraph[]
}

export interface ReplyList {
  items: Reply[]
  next_cursor: string | null
  stale: number
  asked: number
}

export interface Filled {
  text: string
  missing: string[]
  stale: boolean
}

export const replies = (query: Record<string, string | number>): Promise<ReplyList> => call('GET', '/replies', { query })
export const reply = (id: string): Promise<ReplyDetail> => call('GET', `/replies/${id}`)
export const fill = (id: string, conversation: string): Promise<Filled> =>
  call('POST', `/replies/${id}/filling`, { body: { conversation } })
export const paragraphsOf = (item: string): Promise<Paragraphs> => call('GET', `/catalogue/items/${item}/paragraphs`)
