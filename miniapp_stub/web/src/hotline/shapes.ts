import type { Light, Said } from '../api/shapes'

export interface OrderLine {
  id: string
  number: string
  kind: string
  kind_text: Said
  state: string
  state_text: Said
  title: string
  item: { code: string; name: Said } | null
  department: { code: string; name: Said }
  opened_at: string
  due_on: string
  light: Light
  working_days_left: number
  citizen_masked: string | null
  holder_name: string | null
  why: Said
  reopened: boolean
  offered: boolean
}

export interface OrderAction {
  action: string
  title: Said
}

export interface DeskOrder extends OrderLine {
  version: number
  words: string
  answer: string
  photos: { id: string; url: string; thumbnail_url: string }[]
  conversation: string | null
  about_staff_name: string | null
  offered_to_name: string | null
  transfers: number
  actions: OrderAction[]
  timeline: { at: string; what: string; text: Said; by: Said; note: string }[]
}

export interface Colleague {
  id: string
  name: string
  title: string
  had_it: boolean
}

/** The tone of a state's tag. */
export const TONES: Record<string, string> = {
  open: 'info', returned: 'warn', accepted: 'info', answered: 'good', reopened: 'warn', confirmed: 'good', closed: 'plain',
}
