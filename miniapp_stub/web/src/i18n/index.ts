import { ref, watchEffect } from 'vue'

import type { Said } from '../api/shapes'
import en from './en.json'
import zh from './zh.json'

export type Locale = 'zh' | 'en'
export type Key = keyof typeof zh

const WORDS: Record<Locale, Record<string, string>> = { zh, en }
const KEPT = 'handheld.console.locale'
/** The office keeps the city's time, wherever the clerk's computer believes it is. */
const ZONE = 'Asia/Shanghai'

export const locale = ref<Locale>(localStorage.getItem(KEPT) === 'en' ? 'en' : 'zh')
export const tag = (): string => (locale.value === 'en' ? 'en' : 'zh-CN')

watchEffect(() => {
  document.documentElement.lang = tag()
  localStorage.setItem(KEPT, locale.value)
})

/** The words for `key` in the chosen language; `{name}` places are filled from `values`. */
export function t(key: Key, values: Record<string, string | number> = {}): string {
  const words = WORDS[locale.value][key] ?? key
  return words.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole))
}

/** For keys put together from a code: unknown codes show the code itself instead of breaking the page. */
export function named(family: string, code: string): string {
  return WORDS[locale.value][`${family}.${code}`] ?? code
}

/** A text of the server in the chosen language; Chinese when there is no English. */
export function said(text: Said | string | null | undefined): string {
  if (!text) return ''
  if (typeof text === 'string') return text
  return locale.value === 'en' && text.en ? text.en : text.zh
}

/** True when the reader chose English and only Chinese exists. */
export function onlyChinese(text: Said | string | null | undefined): boolean {
  return locale.value === 'en' && !!text && /\p{Script=Han}/u.test(said(text))
}

function shown(at: string | null | undefined, options: Intl.DateTimeFormatOptions): string {
  if (!at) return ''
  return new Intl.DateTimeFormat(tag(), { timeZone: ZONE, hour12: false, ...options }).format(new Date(at))
}

export const clockTime = (at: string | null | undefined): string => shown(at, { hour: '2-digit', minute: '2-digit' })

export const dateOnly = (at: string | null | undefined): string =>
  shown(at, { year: 'numeric', month: '2-digit', day: '2-digit' })

export const dateTime = (at: string | null | undefined): string =>
  shown(at, { year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' })

/** `2026-11-21` of the office's zone, for query parameters and for telling days apart. */
export function officeDay(at: Date | string = new Date()): string {
  return new Intl.DateTimeFormat('en-CA', { timeZone: ZONE }).format(new Date(at))
}

/** Integer fen as yuan with two places; never a float on the way. */
export function money(fen: number | null | undefined): string {
  if (fen === null || fen === undefined) return '—'
  const whole = Math.trunc(Math.abs(fen) / 100)
  const rest = String(Math.abs(fen) % 100).padStart(2, '0')
  return `${fen < 0 ? '−' : ''}¥${whole.toLocaleString('en-US')}.${rest}`
}
