import { type Ref, ref, watch } from 'vue'

import { call, me } from '../api/session'

/** Whether this person's department judges corrections of personal data, and names; the server says so, and decides at every request. */
export const dataDesk = ref(false)
export const nameDesk = ref(false)
/** Whether their department has windows that are booked. */
export const hallDesk = ref(false)

const DESK = ['clerk', 'supervisor']
const LISTS: [Ref<boolean>, string][] = [[dataDesk, '/desk/corrections'], [nameDesk, '/desk/name-claims']]

watch(
  () => me.value?.id,
  async () => {
    for (const [desk] of LISTS) desk.value = false
    hallDesk.value = false
    if (!me.value?.roles.some((role) => DESK.includes(role))) return
    await Promise.all(LISTS.map(async ([desk, list]) => {
      const answer = await call<{ yours: boolean }>('GET', list, { query: { limit: 1 } }).catch(() => null)
      desk.value = answer?.yours ?? false
    }))
    const halls = await call<{ items: unknown[] }>('GET', '/desk/booking-places').catch(() => null)
    hallDesk.value = (halls?.items.length ?? 0) > 0
  },
  { immediate: true },
)
