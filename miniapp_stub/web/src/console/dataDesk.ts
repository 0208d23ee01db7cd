import { ref, watch } from 'vue'

import { call, me } from '../api/session'

/** Whether this person's department judges corrections of personal data; the server says so, and decides at every request. */
export const dataDesk = ref(false)

const DESK = ['clerk', 'supervisor']

watch(
  () => me.value?.id,
  async () => {
    dataDesk.value = false
    if (!me.value?.roles.some((role) => DESK.includes(role))) return
    const answer = await call<{ yours: boolean }>('GET', '/desk/corrections', { query: { limit: 1 } }).catch(() => null)
    dataDesk.value = answer?.yours ?? false
  },
  { immediate: true },
)
