import { reactive } from 'vue'

import { now } from '../api/network'
import { me } from '../api/session'
import type { Message } from '../api/shapes'
import { on } from './line'

/** Seconds within which an own message may be edited or recalled, and by how many milliseconds the server's clock is ahead. */
const limits = reactive({ edit: 0, recall: 0, ahead: 0 })

on('welcome', (frame) => {
  limits.edit = Number(frame.edit_s) || 0
  limits.recall = Number(frame.recall_s) || 0
  limits.ahead = Date.parse(String(frame.server_time)) - Date.now() || 0
})

/** An edit or a recall has a place in the sequence and nothing to show by itself. */
export const isEntry = (said: { kind: string }): boolean => said.kind === 'edit' || said.kind === 'recall'

/** What the entry says about an earlier message, done to it. What an own one said is kept here, to be written anew. */
export function amend(messages: Message[], entry: Message): void {
  const it = messages.find((message) => message.seq === entry.body.of)
  if (!it || it.recalled) return
  if (entry.kind === 'recall') {
    if (it.sender.id === me.value?.id && it.kind === 'text') it.was = String(it.body.text ?? '')
    Object.assign(it, { body: {}, recalled: true, edited: false })
  } else if (typeof entry.body.text === 'string') Object.assign(it, { body: { ...it.body, text: entry.body.text }, edited: true })
}

/** Whether it may still be done; the server decides, this only spares a refusal. */
export function changeable(message: Message, how: 'edit' | 'recall'): boolean {
  const kinds = how === 'edit' ? ['text'] : ['text', 'image', 'card']
  if (message.sender.role !== 'clerk' || message.sender.id !== me.value?.id || message.recalled || !kinds.includes(message.kind)) return false
  return now.value + limits.ahead - Date.parse(message.at) < limits[how] * 1000
}
