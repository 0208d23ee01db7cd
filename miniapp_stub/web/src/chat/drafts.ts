import { reactive, watch } from 'vue'

/** What is being written, one draft per conversation, kept through a reload of the tab. */
const KEPT = 'handheld.console.drafts'

function recall(): Record<string, string> {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT) ?? '{}') as Record<string, string>
  } catch {
    return {}
  }
}

export const drafts = reactive<Record<string, string>>(recall())

watch(drafts, () => sessionStorage.setItem(KEPT, JSON.stringify(drafts)), { deep: true })
