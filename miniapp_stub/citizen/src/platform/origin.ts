// Where the office's server is. H5 is served by it; a mini-program names it at build time (VITE_HANDHELD_URL).
export function origin(): string {
  // #ifdef H5
  return window.location.origin;
  // #endif
  // #ifndef H5
  return import.meta.env.VITE_HANDHELD_URL ?? "https://office.example.gov.cn";
  // #endif
}

export const BASE = "/api/v1";

/** Makes a server's relative address absolute; leaves absolute ones alone. */
export function absolute(path: string): string {
  return path.startsWith("/") ? origin() + path : path;
}

export function socketAddress(): string {
  return `${origin().replace(/^http/, "ws")}${BASE}/chat`;
}
