import { onBeforeUnmount, onMounted } from 'vue'

/** True while a person is typing or a dialog is open: single keys must then stay silent. */
function occupied(event: KeyboardEvent): boolean {
  const target = event.target as HTMLElement | null
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return true
  if (target?.closest('input, textarea, select, [contenteditable="true"]')) return true
  return [...document.querySelectorAll<HTMLElement>('[role="dialog"]')].some((dialog) => dialog.offsetParent !== null)
}

/** Single-key shortcuts of one page; a handler keyed by what KeyboardEvent.key says. */
export function useKeys(keys: Record<string, (event: KeyboardEvent) => void>): void {
  function pressed(event: KeyboardEvent): void {
    const handle = keys[event.key] ?? keys[event.key.toLowerCase()]
    if (!handle || occupied(event)) return
    event.preventDefault()
    handle(event)
  }
  onMounted(() => window.addEventListener('keydown', pressed))
  onBeforeUnmount(() => window.removeEventListener('keydown', pressed))
}
