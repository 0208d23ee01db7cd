import { computed } from 'vue'

import { me } from '../api/session'

/** Which parts of the console a role opens; the server decides again at every request. */
const OPENS: Record<string, string[]> = {
  consultations: ['agent', 'clerk', 'supervisor'],
  cases: ['clerk', 'supervisor'],
  reconciliations: ['finance', 'auditor'],
  people: ['admin'],
  me: [],
}

export type Part = 'consultations' | 'cases' | 'reconciliations' | 'people' | 'me'

export function opens(part: Part): boolean {
  const needed = OPENS[part] ?? []
  return needed.length === 0 || needed.some((role) => me.value?.roles.includes(role))
}

/** Auditors read the runs; only finance starts one. */
export const mayReconcile = computed(() => me.value?.roles.includes('finance') ?? false)

const ORDER: Part[] = ['cases', 'consultations', 'reconciliations', 'people', 'me']

export const parts = computed<Part[]>(() => ORDER.filter(opens))
export const firstPart = computed(() => `/${parts.value[0] ?? 'me'}`)
