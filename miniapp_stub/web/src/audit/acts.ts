import { BASE, Refusal } from '../api/http'
import { call, session } from '../api/session'
import { tag } from '../i18n'

export interface Party {
  kind: string
  id: string
  name: string | null
}

export interface Act {
  seq: number
  at: string
  actor: Party
  on_behalf_of: Party | null
  action: string
  subject: Party
  detail: Record<string, unknown>
  request_id: string
  digest: string
}

export interface Proof {
  verified_to: number
  at: string
  broken_at: number | null
  why: string
}

export interface Acts {
  items: Act[]
  next_cursor: string | null
  proof: Proof | null
}

export interface Wanted {
  actor: string
  action: string
  subject: string
  from: string
  until: string
}

export const nothing = (): Wanted => ({ actor: '', action: '', subject: '', from: '', until: '' })

/** A day as the office counts it, from its first moment; `until` is the whole day. */
function query(wanted: Wanted): Record<string, string> {
  const start = (day: string, plus = 0): string => new Date(Date.parse(`${day}T00:00:00+08:00`) + plus).toISOString()
  return {
    actor: wanted.actor.trim(), action: wanted.action.trim(), subject: wanted.subject.trim(),
    from: wanted.from ? start(wanted.from) : '', until: wanted.until ? start(wanted.until, 86_400_000) : '',
  }
}

export const acts = (wanted: Wanted, cursor: string | null = null): Promise<Acts> =>
  call<Acts>('GET', '/audit', { query: { ...query(wanted), limit: 50, cursor } })

export const prove = (): Promise<Proof> => call<Proof>('POST', '/audit/proof', { body: {} })

/** Hands the browser a file; the token goes in a header, never in the address. */
export async function file(wanted: Wanted): Promise<void> {
  const given = new URLSearchParams(Object.entries(query(wanted)).filter(([, value]) => value !== ''))
  const headers = { 'Authorization': `Bearer ${session.kept?.access ?? ''}`, 'Accept-Language': tag() }
  const answer = await fetch(`${BASE}/audit.csv?${given.toString()}`, { headers, cache: 'no-store' })
  if (!answer.ok) throw new Refusal(answer.status, (await answer.json().catch(() => ({}))) as Record<string, unknown>)
  const link = document.createElement('a')
  link.href = URL.createObjectURL(await answer.blob())
  link.download = /filename="([^"]+)"/.exec(answer.headers.get('Content-Disposition') ?? '')?.[1] ?? 'audit.csv'
  link.click()
  URL.revokeObjectURL(link.href)
}

/** The name, or what stands in the log. */
export const shown = (party: Party): string => party.name ?? (party.kind ? `${party.kind}:${party.id.slice(0, 8)}` : party.id)
