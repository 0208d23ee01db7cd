// H5 only: the pages other than the home page come in a second file, fetched once the first view is there.
const AGAIN_AFTER_MS = 30_000;

/** Brings the other pages in when the browser has nothing better to do. Without a network they come when it is back. */
export function fetchAhead(): void {
  window.addEventListener("vite:preloadError", () => {
    if (navigator.onLine) startAnew();
    else window.addEventListener("online", startAnew, { once: true });
  });
  const soon = window.requestIdleCallback ?? ((work: () => void) => setTimeout(work, 500));
  const begin = (): unknown => soon(() => void import("./others").catch(() => undefined), { timeout: 2000 });
  if (document.readyState === "complete") begin();
  else window.addEventListener("load", begin, { once: true });
}

/**
 * A file that could not be fetched once is not asked for again by the browser while the document lives, and after a
 * new release it has another name: both need the document afresh. The address, and so the page, stays.
 */
function startAnew(): void {
  const last = Number(sessionStorage.getItem("hh.started-anew") ?? 0);
  if (Date.now() - last < AGAIN_AFTER_MS) return;
  sessionStorage.setItem("hh.started-anew", String(Date.now()));
  location.reload();
}
