import { reactive } from 'vue'

import { Refusal } from '../api/http'
import { call } from '../api/session'
import type { Page, Said } from '../api/shapes'
import { said, t } from '../i18n'
import { announce } from '../parts/announce'

export interface Notice {
  id: string
  kind: string
  text: Said
  link: string
  at: string
  read: boolean
}

const EVERY_MS = 30_000
const SHOWN = 20

export const bell = reactive<{ items: Notice[]; unread: number; next: string | null; phase: 'loading' | 'ready' | 'failed'; refusal: Refusal | null }>({
  items: [], unread: 0, next: null, phase: 'loading', refusal: null,
})

let known = ''
let timer = 0

/** Reads the newest notices. What came since the last look is said politely, without a sound. */
export async function look(): Promise<void> {
  try {
    const page = await call<Page<Notice> & { unread: number }>('GET', '/desk/notices', { query: { limit: SHOWN } })
    const first = bell.phase !== 'ready'
    Object.assign(bell, { items: page.items, unread: page.unread, next: page.next_cursor, phase: 'ready', refusal: null })
    const newest = page.items[0]
    if (!first && newest && !newest.read && newest.id !== known) announce(t('bell.arrived', { words: said(newest.text) }))
    known = newest?.id ?? ''
  } catch (caught) {
    bell.refusal = caught as Refusal
    if (bell.phase !== 'ready') bell.phase = 'failed'
  }
}

export async function older(): Promise<void> {
  const page = await call<Page<Notice>>('GET', '/desk/notices', { query: { limit: SHOWN, cursor: bell.next } })
  bell.items = [...bell.items, ...page.items]
  bell.next = page.next_cursor
}

export async function markRead(one: Notice): Promise<void> {
  if (one.read) return
  one.read = true
  bell.unread = Math.max(0, bell.unread - 1)
  await call<void>('POST', `/desk/notices/${one.id}/read`)
}

export async function markAllRead(): Promise<void> {
  await call<void>('POST', '/desk/notices/read')
  bell.items.forEach((one) => (one.read = true))
  bell.unread = 0
}

const onFocus = (): void => {
  if (document.visibilityState === 'visible') void look()
}

export function startLooking(): void {
  void look()
  timer = window.setInterval(onFocus, EVERY_MS)
  document.addEventListener('visibilitychange', onFocus)
}

export function stopLooking(): void {
  window.clearInterval(timer)
  document.removeEventListener('visibilitychange', onFocus)
  Object.assign(bell, { items: [], unread: 0, next: null, phase: 'loading', refusal: null })
  known = ''
}

/** The console's own page of a link such as `/console/#/consultations?id=…`; empty when it leads nowhere. */
export function pageOf(link: string): string {
  const page = link.replace(/^\/console\/?/, '').replace(/^#/, '')
  return page.startsWith('/') ? page : page ? `/${page}` : ''
}
