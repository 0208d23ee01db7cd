import { ref, type Ref } from 'vue'

import { Refusal } from '../api/http'
import { named, t } from '../i18n'

export interface Act {
  busy: Ref<boolean>
  fault: Ref<string>
  /** Whether it was done; a refusal is told in `fault`. */
  run(work: () => Promise<unknown>): Promise<boolean>
}

/** One thing a page asks of the server: busy while it runs, and the refusal in words. */
export function useAct(): Act {
  const busy = ref(false)
  const fault = ref('')
  async function run(work: () => Promise<unknown>): Promise<boolean> {
    busy.value = true
    fault.value = ''
    try {
      await work()
      return true
    } catch (caught) {
      if (!(caught instanceof Refusal)) throw caught
      fault.value = caught.offline
        ? t('state.offline_cause')
        : caught.faults[0]?.detail || caught.message || named('refusal', caught.code)
      return false
    } finally {
      busy.value = false
    }
  }
  return { busy, fault, run }
}
