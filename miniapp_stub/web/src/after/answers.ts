import { call } from '../api/session'
import type { Said } from '../api/shapes'
import { named } from '../i18n'

export const STATES = ['proposed', 'published', 'stale', 'refused', 'withdrawn'] as const
export type Filter = (typeof STATES)[number]
export const CHAPTERS = ['conditions', 'materials', 'steps', 'cost', 'places', 'result', 'law', 'faq', 'contact'] as const

export interface Removed {
  kind: string
  name: Said
  was: string
}

export interface Answer {
  id: string
  item: { code: string; name: Said }
  question: string
  answer: string
  cites: string[]
  state: string
  state_text: Said
  stale: boolean
  guide_version: number
  current_version: number
  proposed_by: { id: string; name: string }
  proposed_at: string
  reviewed_by: { id: string; name: string } | null
  reviewed_at: string | null
  note: string
  helpful: number
  unhelpful: number
  version: number
  actions: ('review' | 'withdraw')[]
  removed: Removed[]
}

export interface Draft {
  item: string
  question: string
  answer: string
  cites: string[]
  conversation?: string
}

/** These pages' sentences, by what they are about. */
export const word = (code: string): string => named('answers', code)

const DESK = '/desk/answers'
export const answers = (state: Filter, cursor: string | null): Promise<{ items: Answer[]; next_cursor: string | null }> =>
  call('GET', DESK, { query: { state, limit: 50, cursor } })
export const answer = (id: string): Promise<Answer> => call('GET', `${DESK}/${id}`)
export const look = (draft: Draft): Promise<{ question: string; answer: string; removed: Removed[] }> =>
  call('POST', `${DESK}/look`, { body: draft })
export const propose = (draft: Draft): Promise<Answer> => call('POST', DESK, { body: draft })
export const review = (id: string, body: object): Promise<Answer> => call('POST', `${DESK}/${id}/review`, { body })
export const retract = (id: string, body: object): Promise<Answer> => call('POST', `${DESK}/${id}/retraction`, { body })
