import { computed, reactive } from 'vue'

import { me } from '../api/session'
import type { Conversation } from '../api/shapes'
import { on } from './line'
import { isMine } from './waits'
import { w } from './words'

export { w } from './words'

export const supervisor = computed(() => me.value?.roles.includes('supervisor') ?? false)

interface Onlooker {
  id: string
  name: string
}

const onlookers = reactive(new Map<string, Onlooker[]>())

on('watching', (frame) => {
  const by = frame.by as Onlooker[]
  if (by.length > 0) onlookers.set(String(frame.conversation), by)
  else onlookers.delete(String(frame.conversation))
})
// What was said before the line broke may be over; the server tells anew who looks on.
on('welcome', () => onlookers.clear())

/** Who else looks on, as a sentence; empty when nobody does. In a clerk's hands only supervisors can. */
export function onlookersOf(conversation: Conversation): string {
  const others = (onlookers.get(conversation.id) ?? []).filter((one) => one.id !== me.value?.id && one.id !== conversation.clerk?.id)
  if (others.length === 0) return ''
  const names = others.map((one) => one.name).join(w('and'))
  return w(conversation.state === 'assigned' ? 'by_supervisor' : 'by', { names })
}

/** A colleague has it or is being asked, and this person supervises: to be read, hinted at, taken over. */
export const looksOn = (conversation: Conversation): boolean =>
  supervisor.value && !isMine(conversation) && (conversation.state === 'assigned' || conversation.state === 'offered')
