import { request } from '../api/http'
import { call } from '../api/session'
import type { Binding, SignedIn } from '../api/shapes'

const KEPT = 'handheld.console.workplace'

interface Begun {
  authorise_url: string
  state: string
  secret: string
  expires_in: number
}

/** What this browser began; the secret is in no address, so nobody else can finish it. */
interface Started {
  kind: string
  purpose: 'sign_in' | 'bind'
  state: string
  secret: string
}

/** The browser came back from the workplace with a code for what it began. */
export interface Returned extends Started {
  code: string
}

let returned: Returned | null = null

/** Leaves for the workplace's own page; the browser comes back to the console with a code. */
export async function leaveFor(kind: string, purpose: Started['purpose']): Promise<void> {
  const path = purpose === 'bind' ? `/me/workplaces/${kind}/start` : `/auth/staff/workplaces/${kind}/start`
  const begun = purpose === 'bind' ? await call<Begun>('POST', path, { body: {} }) : await request<Begun>('POST', path, { body: {} })
  sessionStorage.setItem(KEPT, JSON.stringify({ kind, purpose, state: begun.state, secret: begun.secret } satisfies Started))
  window.location.assign(begun.authorise_url)
}

/** Reads what the address brought back, once, and clears the address; answers where in the console it belongs. */
export function takeReturn(): string | null {
  const brought = new URLSearchParams(window.location.search)
  const code = brought.get('authCode') ?? brought.get('code')
  const state = brought.get('state')
  if (!code || !state) return null
  const kept = sessionStorage.getItem(KEPT)
  sessionStorage.removeItem(KEPT)
  window.history.replaceState(null, '', window.location.pathname + window.location.hash)
  const started = kept ? (JSON.parse(kept) as Started) : null
  if (started?.state !== state) return null
  returned = { ...started, code }
  return started.purpose === 'bind' ? '/me/sign-in' : '/sign-in'
}

export function whatCameBack(purpose: Started['purpose']): Returned | null {
  const mine = returned?.purpose === purpose ? returned : null
  if (mine) returned = null
  return mine
}

export const signInWith = ({ kind, code, state, secret }: Returned): Promise<SignedIn> =>
  request<SignedIn>('POST', `/auth/staff/workplaces/${kind}`, { body: { code, state, secret } })

export const signInWithCode = (kind: string, given: { state: string; secret: string; otp: string }): Promise<SignedIn> =>
  request<SignedIn>('POST', `/auth/staff/workplaces/${kind}`, { body: given })

export const bindWith = ({ kind, code, state, secret }: Returned): Promise<{ items: Binding[] }> =>
  call<{ items: Binding[] }>('POST', `/me/workplaces/${kind}`, { body: { code, state, secret } })
