import { tag } from '../i18n'
import type { FieldFault } from './shapes'

export const BASE = '/api/v1'

/** The server's "no", or the network's: `status` 0 means the request never got an answer. */
export class Refusal extends Error {
  readonly status: number
  readonly code: string
  readonly title: string
  readonly requestId: string | null
  readonly faults: FieldFault[]
  readonly retryAfter: number | null
  /** Everything else the refusal carries. */
  readonly problem: Record<string, unknown>

  constructor(status: number, problem: Record<string, unknown>, retryAfter: string | null = null) {
    super(String(problem.detail ?? problem.title ?? ''))
    this.status = status
    this.problem = problem
    this.code = String(problem.code ?? `http_${status}`)
    this.title = String(problem.title ?? '')
    this.requestId = typeof problem.request_id === 'string' ? problem.request_id : null
    this.faults = Array.isArray(problem.errors) ? (problem.errors as FieldFault[]) : []
    const wait = Number(problem.retry_after_s ?? retryAfter ?? Number.NaN)
    this.retryAfter = Number.isFinite(wait) ? wait : null
  }

  get offline(): boolean {
    return this.status === 0
  }

  get busy(): boolean {
    return this.status === 429 || this.status === 503
  }
}

export interface Ask {
  query?: Record<string, string | number | null | undefined>
  body?: unknown
  form?: FormData
  /** Required by the server on everything that files something; the same key is kept for every retry. */
  key?: string
  token?: string
  /** Unversioned addresses stand beside the versioned ones. */
  outside?: boolean
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

function address(path: string, { query = {}, outside = false }: Ask): string {
  const given = Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== '')
  const search = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString()
  const base = outside ? '' : BASE
  return search ? `${base}${path}?${search}` : `${base}${path}`
}

const DEVICE = 'handheld.device'

/** Tells this browser from the person's other devices; it says nothing else. */
function deviceId(): string {
  try {
    const kept = localStorage.getItem(DEVICE)
    if (kept) return kept
    const fresh = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('')
    localStorage.setItem(DEVICE, fresh)
    return fresh
  } catch {
    return ''
  }
}
const ownId = deviceId()

function headers(ask: Ask): Headers {
  const all = new Headers({ 'Accept': 'application/json', 'Accept-Language': tag() })
  if (ownId) all.set('X-Device-Id', ownId)
  if (ask.body !== undefined) all.set('Content-Type', 'application/json')
  if (ask.token) all.set('Authorization', `Bearer ${ask.token}`)
  if (ask.key) all.set('Idempotency-Key', ask.key)
  return all
}

async function problem(answer: Response): Promise<Refusal> {
  const read = await answer.json().catch(() => ({}))
  return new Refusal(answer.status, read as Record<string, unknown>, answer.headers.get('Retry-After'))
}

/** One request, no token handling. Throws Refusal for every answer outside 2xx and for no answer at all. */
export async function request<T>(method: Method, path: string, ask: Ask = {}): Promise<T> {
  const body = ask.form ?? (ask.body === undefined ? undefined : JSON.stringify(ask.body))
  let answer: Response
  try {
    answer = await fetch(address(path, ask), { method, headers: headers(ask), body, cache: 'no-store' })
  } catch {
    throw new Refusal(0, { code: 'offline' })
  }
  if (!answer.ok) throw await problem(answer)
  if (answer.status === 204) return undefined as T
  try {
    return (await answer.json()) as T
  } catch {
    throw new Refusal(answer.status, { code: 'not_json' })
  }
}
