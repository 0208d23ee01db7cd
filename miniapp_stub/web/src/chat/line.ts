import { reactive } from 'vue'

import { BASE } from '../api/http'
import { onNewToken, renew, session } from '../api/session'
import { Wire, type Frame, type WireState } from './wire'

/** What the pages may know of the line; the frames themselves go to whoever registered for their type. */
export const line = reactive<{ state: WireState; retryAt: number | null; goodbye: string | null }>({
  state: 'stopped',
  retryAt: null,
  goodbye: null,
})

type Handler = (frame: Frame) => void

const handlers = new Map<string, Handler[]>()
const stateWatchers: ((state: WireState) => void)[] = []
let sinceOf: () => Record<string, number> = () => ({})

export function on(type: string, handle: Handler): void {
  handlers.set(type, [...(handlers.get(type) ?? []), handle])
}

export function onLineState(tell: (state: WireState) => void): void {
  stateWatchers.push(tell)
}

export function tellSince(read: () => Record<string, number>): void {
  sinceOf = read
}

function address(): string {
  const url = new URL(`${BASE}/chat`, window.location.href)
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
  url.hash = ''
  return url.href
}

const wire = new Wire(address(), {
  token: () => (session.expired ? null : (session.kept?.access ?? null)),
  since: () => sinceOf(),
  frame: (frame) => handlers.get(frame.type)?.forEach((handle) => handle(frame)),
  state(state, retryAt) {
    line.state = state
    line.retryAt = retryAt
    if (state === 'ready') line.goodbye = null
    stateWatchers.forEach((tell) => tell(state))
  },
  renew,
})

on('goodbye', (frame) => (line.goodbye = String(frame.reason ?? '')))
onNewToken((token) => wire.refreshToken(token))

export const send = (frame: Frame): boolean => wire.send(frame)
export const startLine = (): void => wire.start()
export const stopLine = (): void => wire.stop()
export const hurryLine = (): void => wire.hurry()
