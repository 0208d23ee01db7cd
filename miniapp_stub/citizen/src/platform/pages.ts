// Going from page to page. Every page takes ids only and can be opened cold.
const query = (values: Record<string, string | number | undefined>): string => {
  const pairs = Object.entries(values).filter(([, value]) => value !== undefined && value !== "");
  return pairs.length ? `?${pairs.map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`).join("&")}` : "";
};

export function open(page: string, values: Record<string, string | number | undefined> = {}): void {
  uni.navigateTo({ url: `/${page}${query(values)}`, fail: () => replace(page, values) });
}

/** In place of this page, so that "back" does not return to a step that is done. */
export function replace(page: string, values: Record<string, string | number | undefined> = {}): void {
  uni.redirectTo({ url: `/${page}${query(values)}` });
}

export function openTab(tab: "home" | "services" | "messages" | "me"): void {
  uni.switchTab({ url: `/pages/${tab}` });
}

/** Back, or home when the page was opened by a link and there is nothing behind it. */
export function goBack(): void {
  if (getCurrentPages().length > 1) uni.navigateBack();
  else openTab("home");
}

// #ifdef H5
declare const __uniRoutes: { path: string; alias?: string }[];

/** True when the address names no page of ours: an old link, or a slip in typing. */
export function strayed(): boolean {
  const path = window.location.hash.slice(1).split("?")[0] || "/";
  return !__uniRoutes.some((one) => one.path === path || one.alias === path);
}

/**
 * An address that was typed or followed and differs from the shown page's in its ids alone is another page. The router
 * would keep the old one; here it is opened anew. Going back and our own steps carry a state and are the router's.
 */
export function openWhatIsAddressed(move: PopStateEvent): void {
  const address = window.location.hash.slice(1);
  const shown = getCurrentPages().slice(-1)[0]?.route;
  if (move.state === null && shown && address.split("?")[0] === `/${shown}`) uni.reLaunch({ url: address });
}
// #endif
