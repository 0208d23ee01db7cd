/**
 * The socket: one connection for all of a clerk's conversations. It knows the protocol's frames by type only; what they
 * mean belongs to desk.ts.
 */

export type WireState = 'stopped' | 'connecting' | 'ready' | 'waiting'

export interface Frame {
  type: string
  [field: string]: unknown
}

export interface WireParty {
  token(): string | null
  /** The highest sequence held without a hole, per conversation: the server sends what came after. */
  since(): Record<string, number>
  frame(frame: Frame): void
  state(state: WireState, retryAt: number | null): void
  /** Called when the server refuses the token; resolves when there is a new one. */
  renew(): Promise<void>
}

const FIRST_WAIT_MS = 500
const LONGEST_WAIT_MS = 15_000
const DEFAULT_HEARTBEAT_S = 25
const WELCOME_WITHIN_MS = 8_000
/** The token was not good, or its session ended while connected: a new one is needed before the next hello. */
const TOKEN_TROUBLE = /^(token_|session_ended)/
const UNAUTHENTICATED = 4401
const DEVICE_KEPT = 'handheld.console.device'

function deviceId(): string {
  const kept = sessionStorage.getItem(DEVICE_KEPT) ?? `console-${crypto.randomUUID()}`
  sessionStorage.setItem(DEVICE_KEPT, kept)
  return kept
}

/** Exponential with the upper half random, so that a restarted server is not met by everyone in the same instant. */
export function pause(attempt: number, random = Math.random()): number {
  const whole = Math.min(FIRST_WAIT_MS * 2 ** attempt, LONGEST_WAIT_MS)
  return whole / 2 + (whole / 2) * random
}

export class Wire {
  private socket: WebSocket | null = null
  private wanted = false
  private attempt = 0
  private heartbeat = DEFAULT_HEARTBEAT_S
  private heardAt = 0
  private beat = 0
  private deadline = 0
  private again = 0
  private goodbyeWait: number | null = null
  private tokenRefused = false

  constructor(
    private readonly address: string,
    private readonly party: WireParty,
  ) {
    window.addEventListener('online', () => this.hurry())
    window.addEventListener('offline', () => this.closed())
  }

  start(): void {
    this.wanted = true
    if (!this.socket) this.open()
  }

  stop(): void {
    this.wanted = false
    window.clearTimeout(this.again)
    this.drop()
    this.party.state('stopped', null)
  }

  /** False when the frame could not leave; the caller keeps it and sends it after the next welcome. */
  send(frame: Frame): boolean {
    if (this.socket?.readyState !== WebSocket.OPEN) return false
    this.socket.send(JSON.stringify(frame))
    return true
  }

  refreshToken(token: string): void {
    this.send({ type: 'refresh', token })
  }

  /** Skips the rest of the pause: the network came back, or a person pressed "now". */
  hurry(): void {
    if (!this.wanted || this.socket) return
    window.clearTimeout(this.again)
    this.attempt = 0
    this.open()
  }

  private open(): void {
    const token = this.party.token()
    if (!token) return this.later()
    this.party.state('connecting', null)
    const socket = new WebSocket(this.address, 'handheld.v1')
    this.socket = socket
    this.deadline = window.setTimeout(() => this.closed(), WELCOME_WITHIN_MS)
    socket.onopen = () => socket.send(JSON.stringify({
      type: 'hello',
      token,
      since: this.party.since(),
      device: deviceId(),
    }))
    socket.onmessage = (event) => this.socket === socket && this.heard(String(event.data))
    socket.onclose = (event) => {
      if (event.code === UNAUTHENTICATED) this.tokenRefused = true
      if (this.socket === socket) this.closed()
    }
  }

  private heard(data: string): void {
    this.heardAt = Date.now()
    let frame: Frame
    try {
      frame = JSON.parse(data) as Frame
    } catch {
      return
    }
    if (frame.type === 'welcome') this.welcomed(frame)
    if (frame.type === 'goodbye') this.goodbyeWait = Number(frame.retry_after_ms ?? 0) || null
    if (frame.type === 'error' && TOKEN_TROUBLE.test(String(frame.code))) this.tokenRefused = true
    this.party.frame(frame)
  }

  private welcomed(frame: Frame): void {
    window.clearTimeout(this.deadline)
    this.attempt = 0
    this.tokenRefused = false
    this.heartbeat = Number(frame.heartbeat_s) || DEFAULT_HEARTBEAT_S
    window.clearInterval(this.beat)
    this.beat = window.setInterval(() => this.pulse(), this.heartbeat * 1000)
    this.party.state('ready', null)
  }

  private pulse(): void {
    // A dead mobile router says nothing for minutes; silence for two beats counts as gone.
    if (Date.now() - this.heardAt > this.heartbeat * 2000) this.closed()
    else this.send({ type: 'ping', t: Date.now() })
  }

  private drop(): void {
    window.clearInterval(this.beat)
    window.clearTimeout(this.deadline)
    const socket = this.socket
    this.socket = null
    socket?.close()
  }

  private closed(): void {
    if (!this.socket) return
    this.drop()
    if (this.wanted) this.later()
  }

  private later(): void {
    const wait = (this.goodbyeWait ?? 0) + pause(this.attempt++)
    this.goodbyeWait = null
    this.party.state('waiting', Date.now() + wait)
    this.again = window.setTimeout(() => void this.retry(), wait)
  }

  private async retry(): Promise<void> {
    if (this.tokenRefused) {
      try {
        await this.party.renew()
      } catch {
        return this.later()
      }
    }
    if (this.wanted && !this.socket) this.open()
  }
}
