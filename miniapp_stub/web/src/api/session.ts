import { computed, reactive } from 'vue'

import { Refusal, request, type Ask, type Method } from './http'
import type { MustFirst, Said, SignedIn, Staff, Tokens } from './shapes'

const KEPT = 'handheld.console.session'
/** A token is renewed this long before it ends, so that no request is caught by the border. */
const EARLY_MS = 60_000

interface Kept {
  access: string
  refresh: string
  endsAt: number
  staff: Staff
  mustFirst?: MustFirst | null
}

interface Session {
  kept: Kept | null
  /** The refresh token was refused: the page stays as it is and a sheet asks for the password again. */
  expired: boolean
  /** Something weighs so heavy that the person is asked to sign in once more first. */
  unproven: boolean
  /** Another device took the place of this one. */
  elsewhere: boolean
  /** What happened to the account since the last sign-in, until it is put away. */
  told: Said[]
  /** The devices whose session this sign-in ended. */
  ended: SignedIn['ended']
}

// sessionStorage, not localStorage: refresh tokens rotate, and two tabs sharing one would look like theft.
function recall(): Kept | null {
  try {
    const read = sessionStorage.getItem(KEPT)
    return read ? (JSON.parse(read) as Kept) : null
  } catch {
    return null
  }
}

export const session = reactive<Session>({
  kept: recall(), expired: false, unproven: false, elsewhere: false, told: [], ended: [],
})
export const me = computed(() => session.kept?.staff ?? null)
export const mustFirst = computed(() => session.kept?.mustFirst ?? null)
export const signedIn = computed(() => session.kept !== null && mustFirst.value === null)

const waitingForSignIn: { go: () => void; stop: () => void }[] = []
const tokenWatchers: ((token: string) => void)[] = []
let refreshing: Promise<void> | null = null
let timer = 0

function keep(kept: Kept | null): void {
  session.kept = kept
  window.clearTimeout(timer)
  if (!kept) {
    sessionStorage.removeItem(KEPT)
    return
  }
  sessionStorage.setItem(KEPT, JSON.stringify(kept))
  timer = window.setTimeout(() => void renew().catch(() => undefined), Math.max(kept.endsAt - Date.now() - EARLY_MS, 5000))
}

function taken(tokens: Tokens, staff: Staff, first: MustFirst | null = null): void {
  keep({
    mustFirst: first,
    access: tokens.access_token,
    refresh: tokens.refresh_token,
    endsAt: Date.now() + tokens.expires_in * 1000,
    staff,
  })
  tokenWatchers.forEach((tell) => tell(tokens.access_token))
}

/** Tells the socket about each new access token, before the old one ends. */
export function onNewToken(tell: (token: string) => void): void {
  tokenWatchers.push(tell)
}

export async function signIn(given: { username: string; password: string; otp?: string; recovery_code?: string }): Promise<void> {
  comeIn(await request<SignedIn>('POST', '/auth/staff/sign-in', { body: given }))
}

/** Takes the answer of any way in: the tokens, and what there is to be told. */
export function comeIn(answer: SignedIn): void {
  taken(answer, answer.staff, answer.must_first)
  Object.assign(session, { expired: false, unproven: false, elsewhere: false, told: answer.told, ended: answer.ended })
  waitingForSignIn.splice(0).forEach((one) => one.go())
}

export async function signOut(): Promise<void> {
  const token = session.kept?.access
  forget()
  // Signing out has to work without a network too; the server's half is best effort and the token is short-lived.
  if (token) await request('POST', '/auth/sign-out', { body: {}, token }).catch(() => undefined)
}

/** Ends this tab's session without asking the server. */
export function forget(): void {
  keep(null)
  Object.assign(session, { expired: false, unproven: false, told: [], ended: [] })
  waitingForSignIn.splice(0).forEach((one) => one.stop())
}

/** Proves in the same session that it is still the same person; what waited for it goes on. */
export async function prove(given: { password: string; otp: string }): Promise<void> {
  try {
    await request('POST', '/auth/step-up', { body: given, token: session.kept?.access })
  } catch (refusal) {
    if (!(refusal instanceof Refusal) || refusal.status !== 401) throw refusal
    await renew()
    await request('POST', '/auth/step-up', { body: given, token: session.kept?.access })
  }
  session.unproven = false
  waitingForSignIn.splice(0).forEach((one) => one.go())
}

/** The person does not want to sign in once more: what waited for it is given up. */
export function leaveUnproven(): void {
  session.unproven = false
  waitingForSignIn.splice(0).forEach((one) => one.stop())
}

async function exchange(): Promise<void> {
  const kept = session.kept
  if (!kept) throw new Refusal(401, { code: 'token_missing' })
  try {
    taken(await request<Tokens>('POST', '/auth/refresh', { body: { refresh_token: kept.refresh } }), kept.staff, kept.mustFirst)
  } catch (refusal) {
    if (refusal instanceof Refusal && refusal.status === 401) {
      session.elsewhere = refusal.code === 'signed_in_elsewhere'
      session.expired = true
    }
    throw refusal
  }
}

/** Swaps the refresh token; many callers at once share one exchange, because the token works only once. */
export function renew(): Promise<void> {
  refreshing ??= exchange().finally(() => {
    refreshing = null
  })
  return refreshing
}

/** Restarts the renewal clock after a reload of the page. */
export function resume(): void {
  if (session.kept) keep(session.kept)
}

function signedInAgain(): Promise<void> {
  return new Promise((go, stop) => waitingForSignIn.push({ go, stop: () => stop(new Refusal(401, { code: 'given_up' })) }))
}

async function recover(): Promise<void> {
  try {
    await renew()
  } catch (refusal) {
    if (!session.expired) throw refusal
    await signedInAgain()
  }
}

/**
 * A request as the signed-in person. An ended access token is renewed and the request repeated; an ended session, or a
 * server that wants a fresh proof, opens the sheet and the request goes on after it, so nothing typed is lost.
 */
export async function call<T>(method: Method, path: string, ask: Ask = {}): Promise<T> {
  const again = (): Promise<T> => request<T>(method, path, { ...ask, token: session.kept?.access })
  try {
    return await again()
  } catch (refusal) {
    if (!(refusal instanceof Refusal) || !session.kept || !(await helped(refusal))) throw refusal
  }
  return await again()
}

async function helped(refusal: Refusal): Promise<boolean> {
  if (refusal.status === 401) await recover()
  else if (refusal.code !== 'fresh_sign_in_required') return false
  else {
    session.unproven = true
    await signedInAgain()
  }
  return true
}

/** Every call asks for a fresh proof where the server wants one; this only marks work of which that is expected. */
export const proven = <T>(work: () => Promise<T>): Promise<T> => work()

/** A fresh key for one intention; keep it for the retries of that intention. */
export const newKey = (): string => crypto.randomUUID()

/** Reads the profile again, for duties and roles that changed since sign-in. */
export async function reread(): Promise<Staff> {
  const staff = await call<Staff>('GET', '/me')
  if (session.kept) keep({ ...session.kept, staff })
  return staff
}
