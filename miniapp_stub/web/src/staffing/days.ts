import { locale, officeDay, tag } from '../i18n'

export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const

/** Whole days as text `2026-11-23`; reckoned in UTC so that no zone moves them. */
export function plusDays(day: string, count: number): string {
  const at = new Date(`${day}T00:00:00Z`)
  at.setUTCDate(at.getUTCDate() + count)
  return at.toISOString().slice(0, 10)
}

export const weekday = (day: string): number => (new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7

export const hoursKey = (day: string): string => DAYS[weekday(day)] ?? 'mon'

export const weekDays = (monday: string): string[] => DAYS.map((_, n) => plusDays(monday, n))

/** `Mon 11/23`; in Chinese the day of the month stands first. */
export function dayLabel(day: string): string {
  const options: Intl.DateTimeFormatOptions = { weekday: 'short', month: 'numeric', day: 'numeric', timeZone: 'UTC' }
  const parts = new Intl.DateTimeFormat(locale.value === 'en' ? 'en' : tag(), options).formatToParts(new Date(`${day}T00:00:00Z`))
  // Chinese writes both without a space between, which reads as one number with a word behind it.
  return parts.map((part, at) => (part.type === 'weekday' && at > 0 ? ` ${part.value}` : part.value)).join('').replace(/\s+/g, ' ')
}

export const today = (): string => officeDay()

/** A day of the week by its key, in the language of the page; 2026-11-23 is a Monday. */
export const dayName = (key: string): string =>
  new Intl.DateTimeFormat(locale.value === 'en' ? 'en' : tag(), { weekday: 'long', timeZone: 'UTC' })
    .format(new Date(`${plusDays('2026-11-23', DAYS.findIndex((day) => day === key))}T00:00:00Z`))
