import { computed, onScopeDispose, reactive, ref, type Ref } from 'vue'

import { Refusal } from './http'

export type LoadPhase = 'loading' | 'ready' | 'failed'

export interface Load<T> {
  readonly phase: LoadPhase
  readonly data: T | null
  readonly refusal: Refusal | null
  /** Nothing for more than 8 s: the page says so instead of looking dead. */
  readonly slow: boolean
  /** Seconds until the automatic retry after "too many"; null when none is planned. */
  readonly retryIn: number | null
  readonly readAt: string | null
  run(): Promise<void>
  /** Reads again without hiding what is shown. */
  quietly(): Promise<void>
  put(data: T): void
  stopRetrying(): void
}

const SLOW_MS = 8000
const BUSY_DEFAULT_S = 5

/** What one part of a page is waiting for: its data, its failure, and the next try. */
export function useLoad<T>(work: () => Promise<T>): Load<T> {
  const phase = ref<LoadPhase>('loading')
  const data = ref(null) as Ref<T | null>
  const refusal = ref(null) as Ref<Refusal | null>
  const slow = ref(false)
  const retryIn = ref<number | null>(null)
  const readAt = ref<string | null>(null)
  let round = 0
  let ticking = 0

  function stopRetrying(): void {
    window.clearInterval(ticking)
    retryIn.value = null
  }

  function planRetry(after: number): void {
    // Jitter: a hall full of consoles refused together must not come back together.
    retryIn.value = Math.ceil(after * (1 + Math.random() * 0.5))
    ticking = window.setInterval(() => {
      retryIn.value = (retryIn.value ?? 1) - 1
      if (retryIn.value > 0) return
      stopRetrying()
      void run()
    }, 1000)
  }

  function put(read: T): void {
    data.value = read
    refusal.value = null
    phase.value = 'ready'
    readAt.value = new Date().toISOString()
  }

  function fail(caught: unknown): void {
    refusal.value = caught instanceof Refusal ? caught : new Refusal(-1, { code: 'unexpected', detail: String(caught) })
    phase.value = data.value === null ? 'failed' : 'ready'
    if (refusal.value.busy) planRetry(refusal.value.retryAfter ?? BUSY_DEFAULT_S)
  }

  async function attempt(): Promise<void> {
    const mine = ++round
    stopRetrying()
    const timer = window.setTimeout(() => (slow.value = true), SLOW_MS)
    try {
      const read = await work()
      if (mine === round) put(read)
    } catch (caught) {
      if (mine === round) fail(caught)
    } finally {
      window.clearTimeout(timer)
      if (mine === round) slow.value = false
    }
  }

  async function run(): Promise<void> {
    phase.value = 'loading'
    data.value = null
    await attempt()
  }

  onScopeDispose(() => {
    round += 1
    stopRetrying()
  })

  return reactive({
    phase: computed(() => phase.value),
    data,
    refusal: computed(() => refusal.value),
    slow: computed(() => slow.value),
    retryIn: computed(() => retryIn.value),
    readAt: computed(() => readAt.value),
    run,
    quietly: attempt,
    put,
    stopRetrying,
  }) as unknown as Load<T>
}
