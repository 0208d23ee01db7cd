// How the app looks to this person: language, type size, elder mode. Kept on the phone, and on the server when signed in.
import { reactive } from "vue";
import { keep, kept } from "@/platform/storage";

export type Locale = "zh-CN" | "en";
export const SCALES = ["standard", "large", "elder", "huge", "largest"] as const;
export type Scale = (typeof SCALES)[number];

const ELDER_FROM = SCALES.indexOf("elder");

export const look = reactive({ locale: "zh-CN" as Locale, scale: "standard" as Scale, elder: false, chosen: false, ...kept("look", {}), ...asked() });

/** The phone preview asks for a look in its address: `?elder=1|0&lang=en|zh`. It holds for that visit and is not kept. */
function asked(): { locale?: Locale; scale?: Scale; elder?: boolean; chosen?: boolean } {
  // #ifdef H5
  const query = new URLSearchParams(location.search);
  const elder = query.get("elder");
  const lang = query.get("lang");
  return {
    ...(elder ? { elder: elder === "1", scale: elder === "1" ? ("elder" as const) : ("standard" as const), chosen: true } : {}),
    ...(lang ? { locale: lang === "en" ? ("en" as const) : ("zh-CN" as const), chosen: true } : {}),
  };
  // #endif
  // #ifndef H5
  return {};
  // #endif
}

export function applyLook(): void {
  // #ifdef H5
  document.documentElement.lang = look.locale;
  // #endif
}

function changed(): void {
  look.chosen = true;
  keep("look", { ...look });
  applyLook();
}

export function speak(locale: Locale): void {
  look.locale = locale;
  changed();
}

/** Elder mode brings large type; the person may go larger still, and leaving it returns to the standard size. */
export function beElder(elder: boolean): void {
  look.elder = elder;
  const step = SCALES.indexOf(look.scale);
  if (elder && step < ELDER_FROM) look.scale = "elder";
  if (!elder) look.scale = "standard";
  changed();
}

export function setScale(scale: Scale): void {
  look.scale = scale;
  if (look.elder && SCALES.indexOf(scale) < ELDER_FROM) look.elder = false;
  changed();
}

/** What the person chose on another phone, unless they have chosen something on this one. */
export function adoptLook(locale: string, elder: boolean): void {
  if (look.chosen) return;
  speak(locale === "en" ? "en" : "zh-CN");
  if (elder) beElder(true);
}
