/** Says something to a screen reader without moving the focus. */
export function announce(words: string): void {
  const region = document.getElementById('polite')
  if (!region) return
  region.textContent = ''
  window.setTimeout(() => (region.textContent = words), 50)
}
