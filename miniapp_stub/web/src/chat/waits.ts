import { now } from '../api/network'
import { me } from '../api/session'
import type { Conversation } from '../api/shapes'
import { clockTime, dateTime, named, officeDay, said, t, type Key } from '../i18n'
import { offers, shelves } from './desk'

export interface Wait {
  tone: 'calm' | 'soon' | 'late'
  words: string
}

const SOON_S = 60
const LATE_S = 120

const toneOf = (seconds: number): Wait['tone'] => (seconds >= LATE_S ? 'late' : seconds >= SOON_S ? 'soon' : 'calm')

export function stretch(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds))
  if (whole >= 3600) return t('wait.hours', { hours: Math.floor(whole / 3600), minutes: Math.floor((whole % 3600) / 60) })
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`
}

const since = (at: string): number => (now.value - Date.parse(at)) / 1000

/** What a citizen is waiting for in this conversation and for how long; null when nobody waits for us. */
export function waitOf(conversation: Conversation): Wait | null {
  if (conversation.state === 'closed') return null
  if (conversation.state === 'queued' || conversation.state === 'offered') {
    const seconds = since(conversation.created_at)
    return { tone: toneOf(seconds), words: t('wait.queued', { time: stretch(seconds) }) }
  }
  if (conversation.state === 'inquiry' && conversation.due_at) {
    const left = -since(conversation.due_at)
    const tone = left < 0 || conversation.inquiry?.light === 'red' ? 'late' : conversation.inquiry?.light === 'yellow' ? 'soon' : 'calm'
    return { tone, words: t(left < 0 ? 'inquiry.late' : 'inquiry.due', { time: dateTime(conversation.due_at) }) }
  }
  if (conversation.unread === 0 || !conversation.last_message) return null
  const seconds = since(conversation.last_message.at)
  return { tone: toneOf(seconds), words: t('wait.answer', { time: stretch(seconds) }) }
}

/** Today as a time, other days as a date. */
export function shortTime(at: string | null | undefined): string {
  if (!at) return ''
  return officeDay(at) === officeDay(new Date(now.value)) ? clockTime(at) : dateTime(at).slice(5, 10)
}

export function subjectOf(conversation: Conversation): string {
  const { item, department } = conversation.subject
  return said(item?.name) || said(department?.name) || t('chat.no_subject')
}

export function previewOf(conversation: Conversation): string {
  const last = conversation.last_message
  if (!last) return t('chat.no_message')
  if (last.recalled) return t('bubble.recalled_short')
  if (last.kind === 'image' || last.kind === 'card') return t(`kind.${last.kind}` as Key)
  return last.preview || t(`kind.${last.kind}` as Key)
}

export const nameOf = (conversation: Conversation): string => conversation.citizen.name_masked || t('chat.unnamed')
export const isMine = (conversation: Conversation): boolean => conversation.clerk?.id === me.value?.id

/** An answer may be written: the conversation is theirs, or an inquiry in the queue of one's matters. */
export const canWrite = (conversation: Conversation): boolean =>
  (conversation.state === 'inquiry' && [shelves.queue, shelves.inquiries].some((held) => held.ids.includes(conversation.id))) || (isMine(conversation) && conversation.state === 'assigned')

/** It waits for anybody who answers for the matter. */
export const canTake = (conversation: Conversation): boolean =>
  conversation.state === 'queued' || (conversation.state === 'offered' && offers.has(conversation.id))

/** Why it lies on this desk, in a clerk's words; what the citizen is told is another sentence. */
export function whyOf(conversation: Conversation): string {
  const code = conversation.reason?.code
  if (!code || conversation.state === 'closed') return ''
  const words = named('why', code)
  return words === code ? said(conversation.reason?.text) : words
}
