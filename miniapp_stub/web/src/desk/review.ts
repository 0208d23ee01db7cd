import { computed, reactive, ref, watch } from 'vue'

import { Refusal } from '../api/http'
import { useLoad } from '../api/load'
import { call, newKey } from '../api/session'
import type { DeskCase, Guide, ReviewPoint, TimelineStep } from '../api/shapes'

export type Verdict = 'pass' | 'fail'
export type PointResult = NonNullable<ReviewPoint['result']>

/** What the clerk has noted about one case and not filed yet; it survives a reload of the tab. */
export interface Notes {
  verdicts: Record<string, { verdict: Verdict | null; reason: string }>
  points: Record<number, PointResult>
  opinion: string
}

export interface Change {
  steps: TimelineStep[]
  from: DeskCase
  to: DeskCase
}

export interface Filing {
  note?: string
  items?: { material?: string; field?: string; reason: string }[]
  review?: { index: number; result: PointResult }[]
  reason?: string
  legal_basis?: string
}

const kept = (id: string): string => `handheld.console.review.${id}`

function recall(id: string): Notes {
  try {
    return { verdicts: {}, points: {}, opinion: '', ...(JSON.parse(sessionStorage.getItem(kept(id)) ?? '{}') as Partial<Notes>) }
  } catch {
    return { verdicts: {}, points: {}, opinion: '' }
  }
}

export function useReview(id: string) {
  const notes = reactive(recall(id))
  const load = useLoad(() => call<DeskCase>('GET', `/desk/applications/${id}`))
  const guide = ref<Guide | null>(null)
  const change = ref<Change | null>(null)
  let intention = { body: '', key: '' }

  watch(notes, () => sessionStorage.setItem(kept(id), JSON.stringify(notes)), { deep: true })

  watch(() => load.data?.item.code, async (code) => {
    guide.value = code ? await call<Guide>('GET', `/catalogue/items/${code}`).catch(() => null) : null
  })

  watch(() => load.data?.review_points, (points) => points?.forEach((point) => {
    if (point.result && notes.points[point.index] === undefined) notes.points[point.index] = point.result
  }))

  const failed = computed(() => Object.entries(notes.verdicts)
    .filter(([, noted]) => noted.verdict === 'fail')
    .map(([at, noted]) => {
      const [kind, code] = [at.slice(0, at.indexOf(':')), at.slice(at.indexOf(':') + 1)]
      return { at, kind: kind as 'material' | 'field', code, reason: noted.reason }
    }))

  const openPoints = computed(() => (load.data?.review_points ?? []).filter((point) => !notes.points[point.index]))
  const failedPoints = computed(() => (load.data?.review_points ?? []).filter((point) => notes.points[point.index] === 'fail'))

  function judge(at: string, verdict: Verdict): void {
    const noted = notes.verdicts[at] ?? { verdict: null, reason: '' }
    notes.verdicts[at] = { ...noted, verdict: noted.verdict === verdict ? null : verdict }
  }

  function because(at: string, reason: string): void {
    notes.verdicts[at] = { verdict: notes.verdicts[at]?.verdict ?? 'fail', reason }
  }

  /** A repeat of the same filing carries the same key; a changed one is a new intention. */
  function keyFor(body: string): string {
    if (intention.body !== body) intention = { body, key: newKey() }
    return intention.key
  }

  async function reloadAfterConflict(before: DeskCase): Promise<void> {
    const now = await call<DeskCase>('GET', `/desk/applications/${id}`)
    change.value = { from: before, to: now, steps: now.timeline.filter((step) => !before.timeline.some((old) => old.at === step.at && old.to === step.to)) }
    load.put(now)
  }

  /** Files an action. Resolves to false when another person was first; the case is then shown as it is now. */
  async function file(action: string, filing: Filing): Promise<boolean> {
    const before = load.data
    if (!before) return false
    const review = Object.entries(notes.points).map(([index, result]) => ({ index: Number(index), result }))
    const body = { version: before.version, ...filing, ...(review.length > 0 ? { review } : {}) }
    try {
      const key = keyFor(JSON.stringify([action, body]))
      load.put(await call<DeskCase>('POST', `/desk/applications/${id}/${action}`, { body, key }))
    } catch (caught) {
      if (!(caught instanceof Refusal) || caught.code !== 'case_changed') throw caught
      await reloadAfterConflict(before)
      return false
    }
    change.value = null
    if (action === 'request_correction') notes.verdicts = {}
    notes.opinion = ''
    return true
  }

  return { notes, load, guide, change, failed, openPoints, failedPoints, judge, because, file }
}

export type Review = ReturnType<typeof useReview>
