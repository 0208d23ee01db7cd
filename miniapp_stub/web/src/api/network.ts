import { ref } from 'vue'

/** The browser's own opinion; a true value still may mean no way to the server, so requests fail on their own. */
export const online = ref(navigator.onLine)

window.addEventListener('online', () => (online.value = true))
window.addEventListener('offline', () => (online.value = false))

/** A clock that ticks once a second for countdowns and waiting times. */
export const now = ref(Date.now())

window.setInterval(() => (now.value = Date.now()), 1000)
