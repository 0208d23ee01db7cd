import { call } from '../api/session'
import type { Light, Said } from '../api/shapes'
import { named } from '../i18n'

export const STATES = ['waiting', 'open', 'answered', 'contested', 'confirmed', 'void'] as const
export type Filter = (typeof STATES)[number]
export type Step = 'contact' | 'answer' | 'confirm' | 'contest' | 'decide'

interface Named {
  code: string
  name: Said
}

export interface Row {
  id: string
  kind: 'conversation' | 'application'
  item: Named | null
  department: Named | null
  level: number
  level_text: Said
  state: string
  state_text: Said
  owner: { id: string; name: string } | null
  mine: boolean
  opened_at: string
  due: string
  working_days_left: number
  light: Light
}

export interface Detail extends Row {
  about: string
  citizen: string
  rated: { id: string; name: string } | null
  reasons: Said[]
  comment: string
  contact_due: string
  escalation: number
  contacts: { at: string; by: string; way: string; reached: boolean; note: string }[]
  finding_text: Said | null
  measures: string
  answered_by: string | null
  contest_reason: string
  contested_by: string | null
  result_level: number | null
  result_comment: string
  history: { at: string; by: string; state_text: Said; note: string }[]
  actions: Step[]
  version: number
}

export interface Figures {
  since: string
  until: string
  smallest: number
  items: { code: string; name: Said; ratings: number | null; satisfied: number | null; void: number | null; rectified: number | null }[]
}

/** These pages' sentences, by what they are about. */
export const word = (code: string): string => named('ratings', code)

const DESK = '/desk/rectifications'
export const rectifications = (state: Filter, cursor: string | null): Promise<{ items: Row[]; next_cursor: string | null }> =>
  call('GET', DESK, { query: { state, limit: 50, cursor } })
export const rectification = (id: string): Promise<Detail> => call('GET', `${DESK}/${id}`)
export const step = (id: string, what: string, body: object): Promise<Detail> => call('POST', `${DESK}/${id}/${what}`, { body })
export const figures = (by: string): Promise<Figures> => call('GET', '/desk/rating-figures', { query: { by } })
