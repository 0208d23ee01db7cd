import { ElMessage } from 'element-plus'
import { computed, type ComputedRef, ref, type Ref } from 'vue'

import { Refusal } from '../api/http'
import { type Load, useLoad } from '../api/load'
import type { Page } from '../api/shapes'
import { named, t } from '../i18n'

export interface Pages<T> {
  load: Load<T[]>
  rows: ComputedRef<T[]>
  /** Where it goes on; null at the end. */
  next: Ref<string | null>
  more: () => Promise<void>
}

/** A list that comes page by page. What could not be fetched is said; what is shown stays. */
export function usePages<T>(read: (cursor: string | null) => Promise<Page<T>>): Pages<T> {
  const next = ref<string | null>(null)
  const load = useLoad(async () => {
    const page = await read(null)
    next.value = page.next_cursor
    return page.items
  })
  const rows = computed(() => load.data ?? [])

  async function more(): Promise<void> {
    const shown = load.data
    try {
      const page = await read(next.value)
      // Another list was chosen, or this one read anew, while the page was on its way.
      if (load.data !== shown) return
      next.value = page.next_cursor
      load.put([...rows.value, ...page.items])
    } catch (caught) {
      const refusal = caught instanceof Refusal ? caught : null
      ElMessage({ message: refusal?.offline ? t('state.offline_cause') : refusal?.message || named('refusal', refusal?.code ?? 'unexpected'), type: 'error' })
    }
  }

  return { load, rows, next, more }
}
