import { computed } from 'vue'

import { me } from '../api/session'
import { dataDesk, hallDesk, nameDesk } from './desks'

/** Which parts of the console a role opens; the server decides again at every request. */
const OPENS: Record<string, string[]> = {
  board: ['supervisor'],
  consultations: ['agent', 'clerk', 'supervisor'],
  cases: ['clerk', 'supervisor'],
  orders: ['clerk', 'supervisor'],
  bookings: ['clerk', 'supervisor'],
  mandates: ['clerk', 'supervisor'],
  names: ['clerk', 'supervisor'],
  knowledge: ['clerk', 'supervisor'],
  rectifications: ['supervisor'],
  replies: ['clerk', 'supervisor'],
  words: ['supervisor', 'admin'],
  bills: ['clerk', 'supervisor', 'finance'],
  till: ['clerk', 'supervisor', 'finance', 'auditor'],
  reconciliations: ['finance', 'auditor'],
  differences: ['finance', 'auditor'],
  days: ['finance', 'auditor'],
  refunds: ['finance', 'auditor'],
  money: ['finance', 'auditor'],
  books: ['finance', 'auditor'],
  people: ['admin'],
  corrections: ['clerk', 'supervisor'],
  organisation: ['supervisor', 'admin'],
  duties: ['supervisor', 'admin'],
  rosters: ['supervisor', 'admin'],
  audit: ['auditor', 'admin'],
  me: [],
}

export type Part = 'bills' | 'till' | 'board' | 'knowledge' | 'rectifications' | 'consultations' | 'cases' | 'orders' | 'bookings' | 'mandates' | 'names' | 'replies' | 'words' | 'reconciliations' | 'differences' | 'days' | 'refunds' | 'money' | 'books' | 'people' | 'organisation' | 'duties' | 'rosters' | 'corrections' | 'audit' | 'me'

/** `only`: a page of the part that fewer roles open. */
export function opens(part: Part, only?: string[]): boolean {
  const needed = only ?? OPENS[part] ?? []
  return needed.length === 0 || needed.some((role) => me.value?.roles.includes(role))
}

/** Clerks and finance issue bills and examine; supervisors and finance decide. The server decides again. */
export const mayIssue = computed(() => me.value?.roles.some((role) => ['clerk', 'finance'].includes(role)) ?? false)
export const mayDecideBills = computed(() => me.value?.roles.some((role) => ['supervisor', 'finance'].includes(role)) ?? false)

/** Auditors read the runs; only finance starts one. */
export const mayReconcile = computed(() => me.value?.roles.includes('finance') ?? false)

/** The whole log, its proof and its files are the auditor's. */
export const mayProve = computed(() => me.value?.roles.includes('auditor') ?? false)

const ORDER: Part[] = ['cases', 'consultations', 'board', 'orders', 'bookings', 'rectifications', 'knowledge', 'mandates', 'names', 'replies', 'words', 'bills', 'till', 'reconciliations', 'differences', 'days', 'refunds', 'money', 'books', 'people', 'organisation', 'duties', 'rosters', 'corrections', 'audit', 'me']

export const parts = computed<Part[]>(() => ORDER.filter((part) => opens(part) && (part !== 'bookings' || hallDesk.value) && (part !== 'corrections' || dataDesk.value) && (part !== 'names' || nameDesk.value)))
export const firstPart = computed(() => `/${parts.value[0] ?? 'me'}`)
