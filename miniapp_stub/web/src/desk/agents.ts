import { call } from '../api/session'
import type { ItemSummary, Page, Said } from '../api/shapes'
import { named } from '../i18n'

export interface Agent {
  id: string
  agent_masked: string
  department: string
  region: string
  items: { code: string; name: Said | null }[]
  state: 'active' | 'expired' | 'revoked'
  valid_to: string
  appointed_at: string
}

export interface Place {
  code: string
  name: Said
  parent: string | null
}

/** This page's sentences, by what they are about. */
export const word = (code: string): string => named('agents', code)

/** `region`: in it, and in those within it, the department appoints. */
export const agents = (): Promise<{ region: string; items: Agent[] }> => call('GET', '/desk/agents')
export const appoint = (body: { phone: string; region: string; items: string[] }): Promise<Agent> => call('POST', '/desk/agents', { body })
export const renew = (id: string): Promise<Agent> => call('POST', `/desk/agents/${id}/renewal`, { body: {} })
export const end = (id: string, reason: string): Promise<Agent> => call('POST', `/desk/agents/${id}/revocation`, { body: { reason } })

export const places = async (): Promise<Place[]> => (await call<{ items: Place[] }>('GET', '/catalogue/regions')).items

/** The place and those in it, at any depth. */
export function within(all: Place[], code: string): Place[] {
  const inside = new Set([code])
  let before = 0
  while (inside.size > before) {
    before = inside.size
    for (const place of all) if (place.parent && inside.has(place.parent)) inside.add(place.code)
  }
  return all.filter((place) => inside.has(place.code))
}

export async function everyItem(): Promise<ItemSummary[]> {
  const found: ItemSummary[] = []
  let cursor: string | null = null
  do {
    const page: Page<ItemSummary> = await call('GET', '/catalogue/items', { query: { limit: 100, cursor } })
    found.push(...page.items)
    cursor = page.next_cursor
  } while (cursor)
  return found
}
