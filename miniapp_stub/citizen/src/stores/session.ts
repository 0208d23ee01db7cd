// Who is signed in on this phone, and the sheets that ask for a sign-in or a real name where an action needs one.
import { computed, reactive } from "vue";
import { ask, door, Problem } from "@/platform/http";
import type { Codes } from "@/platform/login";
import { forget, keep, kept } from "@/platform/storage";
import { adoptLook, look } from "./look";

/** How well a person is known, from the lowest. */
export const LEVELS = ["platform", "phone", "real_name", "face"] as const;
export type Level = (typeof LEVELS)[number];
export interface Citizen {
  id: string;
  phone_masked: string | null;
  name_masked: string | null;
  assurance: Level;
}
interface Kept {
  access: string;
  refresh: string;
  citizen: Citizen | null;
  platform: "wechat" | "alipay";
  ends: number;
}
interface Tokens {
  access_token: string;
  refresh_token: string;
  expires_in: number;
  citizen?: Citizen;
}

const NOBODY: Kept = { access: "", refresh: "", citizen: null, platform: "wechat", ends: 0 };
export const session = reactive<Kept>({ ...NOBODY, ...kept<Partial<Kept>>("session", {}) });
export const signedIn = computed(() => !!session.access);
export const realNamed = computed(() => ["real_name", "face"].includes(session.citizen?.assurance ?? ""));

/** The sheet now open over the page, if any; `ended` says that an earlier session ran out, `fresh` that it has to be proved again for this. */
export const sheet = reactive({ kind: "" as "" | "sign_in" | "raise", ended: false, fresh: false, needed: "real_name" as Level });
let answer: ((done: boolean) => void) | undefined;

function openSheet(kind: "sign_in" | "raise"): Promise<boolean> {
  answer?.(false);
  sheet.kind = kind;
  sheet.fresh = false;
  return new Promise((resolve) => (answer = resolve));
}

export function closeSheet(done: boolean): void {
  sheet.kind = "";
  sheet.ended = sheet.fresh = false;
  const waiting = answer;
  answer = undefined;
  waiting?.(done);
}

function take(tokens: Tokens): void {
  session.access = tokens.access_token;
  session.refresh = tokens.refresh_token;
  session.ends = Date.now() + tokens.expires_in * 1000;
  if (tokens.citizen) session.citizen = tokens.citizen;
  save();
}

function save(): void {
  keep("session", { ...session });
}

function drop(): void {
  Object.assign(session, NOBODY);
  forget("session");
}

export async function signInWith(codes: Codes): Promise<void> {
  const tokens = await ask<Tokens>("/auth/one-tap", { method: "POST", body: codes, anonymous: true });
  session.platform = codes.platform;
  arrived(tokens);
}

export async function signInBySms(body: { flow: string; code: string; last_four?: string }): Promise<void> {
  arrived(await ask<Tokens>("/auth/sms/sign-in", { method: "POST", body, anonymous: true }));
}

/** The phone let this device in; the tokens came with the state, once. */
export async function signInByScan(told: object): Promise<void> {
  arrived(told as Tokens);
}

function arrived(tokens: Tokens): void {
  take(tokens);
  if (look.chosen) void rememberLook();
  else void knownLook();
}

let renewing: Promise<boolean> | undefined;

/** Trades the refresh token once, however many calls found the access token expired at the same time. */
export function renew(): Promise<boolean> {
  renewing ??= traded().finally(() => (renewing = undefined));
  return renewing;
}

async function traded(): Promise<boolean> {
  if (!session.refresh) return false;
  try {
    take(await ask<Tokens>("/auth/refresh", { method: "POST", body: { refresh_token: session.refresh }, anonymous: true }));
    return true;
  } catch (failure) {
    if (failure instanceof Problem && [400, 401, 403].includes(failure.status)) {
      drop();
      sheet.ended = true;
    }
    return false;
  }
}

export async function needSignIn(): Promise<boolean> {
  return signedIn.value || openSheet("sign_in");
}

/** Proves in the same session that it is still the same person: what weighs heavy asks for it. */
export async function proveWith(body: { platform: Codes["platform"]; login_code: string } | { flow: string; code: string }): Promise<void> {
  await ask("/auth/step-up", { method: "POST", body, quiet: true });
}

/** Who meets `fresh_sign_in_required` here said no to the sheet that the call itself had opened. */
export const signInAgain = (): Promise<boolean> => Promise.resolve(false);

export async function signOut(): Promise<void> {
  await ask("/auth/sign-out", { method: "POST", quiet: true }).catch(() => undefined);
  drop();
}

/** Ends every session of this person; unlike the above it has to arrive. */
export async function signOutEverywhere(): Promise<void> {
  await ask("/auth/sign-out", { method: "POST", body: { everywhere: true } });
  drop();
}

export interface Claim {
  document: string;
  state: "waiting" | "accepted" | "refused";
  reason: string;
}
type Known = Citizen & { claim: Claim | null };

/** Verified at once, or a claim that the office's people look at; `uploads` are photographs of the document for them. */
export async function proveName(name: string, idNumber: string, document: string, uploads: string[]): Promise<Claim | null> {
  return remember(await ask<Known>("/me/real-name", { method: "POST", body: { name, id_number: idNumber, document, uploads } }));
}

export async function proveFace(check: string): Promise<void> {
  remember(await ask<Known>(`/me/face/${check}`, { method: "POST" }));
}

/** How well one is known now, and the document that is being looked at. */
export async function knowMe(): Promise<Claim | null> {
  return remember(await ask<Known>("/me/real-name"));
}

function remember(known: Known): Claim | null {
  session.citizen = known;
  save();
  return known.claim;
}

/** Every call asks for a fresh proof where the server wants one; this only marks acts of which that is expected. */
export async function freshly<T>(act: () => Promise<T>): Promise<T> {
  return act();
}

async function knownLook(): Promise<void> {
  const me = await ask<{ locale: string; elder_mode: boolean }>("/me", { quiet: true }).catch(() => undefined);
  if (me) adoptLook(me.locale, me.elder_mode);
}

export async function rememberLook(): Promise<void> {
  if (!signedIn.value) return;
  const body = { locale: look.locale, elder_mode: look.elder };
  await ask("/me", { method: "PATCH", body, quiet: true }).catch(() => undefined);
}

/** On coming to the front: refresh who we are; another phone may have changed it. */
export function resumeSession(): void {
  if (!signedIn.value) return;
  ask<Citizen>("/me", { quiet: true })
    .then((citizen) => {
      session.citizen = citizen;
      save();
    })
    .catch(() => undefined);
}

door.access = () => session.access;
door.refresh = renew;
door.signIn = () => {
  if (session.access) {
    drop();
    sheet.ended = true;
  }
  return openSheet("sign_in");
};
door.raise = (needed) => {
  sheet.needed = needed as Level;
  return openSheet("raise");
};
door.prove = () => {
  const waiting = openSheet("sign_in");
  sheet.fresh = true;
  return waiting;
};

