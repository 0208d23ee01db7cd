// What the phone tells us (network, status bar) and what we tell it (title, focus, clipboard).
import { reactive } from "vue";

export const device = reactive({ online: true, statusBar: 0, capsule: 0 });

export function watchNetwork(): void {
  // #ifdef H5
  // uni.onNetworkStatusChange does not fire in every browser; the window events do.
  device.online = navigator.onLine;
  window.addEventListener("online", () => (device.online = true));
  window.addEventListener("offline", () => (device.online = false));
  // #endif
  // #ifndef H5
  uni.getNetworkType({ success: (found) => (device.online = found.networkType !== "none") });
  uni.onNetworkStatusChange((change) => (device.online = change.isConnected));
  measureBars();
  // #endif
}

/** Room for the status bar above and for the platform's own capsule at the right, in pixels. */
function measureBars(): void {
  const system = uni.getSystemInfoSync();
  device.statusBar = system.statusBarHeight ?? 0;
  // #ifdef MP-WEIXIN
  const capsule = uni.getMenuButtonBoundingClientRect();
  device.capsule = Math.max(0, system.windowWidth - capsule.left + 8);
  // #endif
  // #ifdef MP-ALIPAY
  device.capsule = 104;
  // #endif
}

export function setTitle(title: string): void {
  // #ifdef H5
  document.title = title;
  // #endif
}

/** Moves the reader to an element, by id: after a page change to the heading, after a failed form to the summary. */
export function moveFocus(id: string): void {
  // #ifdef H5
  requestAnimationFrame(() => {
    const target = document.getElementById(id);
    target?.focus({ preventScroll: false });
    target?.scrollIntoView({ block: "center" });
  });
  // #endif
  // #ifndef H5
  uni.pageScrollTo({ selector: `#${id}`, duration: 0, fail: () => undefined });
  // #endif
}

/** Focuses the page's h1 without scrolling, so that a screen reader starts at the top of the new page. */
export function focusHeading(): void {
  // #ifdef H5
  requestAnimationFrame(() => {
    document.querySelector<HTMLElement>("[data-heading='page']")?.focus({ preventScroll: true });
  });
  // #endif
}

export function scrollToEnd(): void {
  setTimeout(() => uni.pageScrollTo({ scrollTop: 1_000_000, duration: 0 }), 30);
}

export function copy(text: string, done: () => void): void {
  uni.setClipboardData({ data: text, showToast: false, success: done });
}

export function call(phone: string): void {
  uni.makePhoneCall({ phoneNumber: phone, fail: () => undefined });
}

export function language(): string {
  return uni.getSystemInfoSync().language ?? "zh-CN";
}
