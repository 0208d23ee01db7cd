// One door to the server: bearer tokens, one silent refresh, problem+json turned into a Problem.
import { absolute, BASE } from "./origin";
import { device } from "./device";
import type { Picture } from "./pictures";
import { keep, kept } from "./storage";
import { look } from "@/stores/look";

export interface FieldFault {
  field: string;
  code: string;
  detail: string;
}

/** A refusal or a failure, in the server's words where it had any. `code` is stable; "offline" and "timeout" are ours. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly title = "",
    readonly detail = "",
    readonly errors: FieldFault[] = [],
    readonly retryAfter = 0,
    readonly requestId = "",
    readonly required = "",
  ) {
    super(title || code);
  }
}

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
export interface Call {
  method?: Method;
  body?: object;
  key?: string;
  quiet?: boolean;
  anonymous?: boolean;
  more?: Record<string, string>;
  /** For the few addresses that stand outside the versioned API. */
  outside?: boolean;
}

/** What the session store lends us; set once at start so that this file does not import it in a circle. */
export const door = {
  access: (): string => "",
  refresh: async (): Promise<boolean> => false,
  signIn: async (): Promise<boolean> => false,
  raise: async (_needed: string): Promise<boolean> => false,
  prove: async (): Promise<boolean> => false,
};

export const newKey = (): string =>
  `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}${Math.random().toString(36).slice(2)}`;

/** Tells this device from the person's others; it says nothing else. A session that turns up elsewhere is asked for a proof. */
function deviceId(): string {
  const id = kept("device", "") || newKey() + newKey();
  keep("device", id);
  return id;
}
const ownId = deviceId();

export function headers(call: Call): Record<string, string> {
  const token = call.anonymous ? "" : door.access();
  return {
    Accept: "application/json",
    "Accept-Language": look.locale === "en" ? "en" : "zh-CN",
    "X-Device-Id": ownId,
    ...(token ? { Authorization: `Bearer ${token}` } : {}),
    ...(call.key ? { "Idempotency-Key": call.key } : {}),
    ...call.more,
  };
}

export function problem(status: number, body: unknown, retryHeader = ""): Problem {
  const said = (typeof body === "object" && body ? body : {}) as Record<string, unknown>;
  return new Problem(
    status,
    String(said.code ?? (status === 429 ? "too_many_requests" : "server_failed")),
    String(said.title ?? ""),
    String(said.detail ?? ""),
    (said.errors as FieldFault[]) ?? [],
    Number(said.retry_after_s ?? retryHeader) || 0,
    String(said.request_id ?? ""),
    String(said.required ?? ""),
  );
}

/** A failure below HTTP: no network, or no answer in time. */
export function unreachable(message: string): Problem {
  const late = /timeout/i.test(message);
  return new Problem(0, late ? "timeout" : device.online ? "unreachable" : "offline");
}

function once<T>(path: string, call: Call): Promise<T> {
  const method = call.method ?? "GET";
  const sent: Record<string, string> = headers(call);
  let verb: string = method;
  // #ifdef MP
  // Neither wx.request nor my.request knows PATCH.
  if (method === "PATCH") {
    verb = "POST";
    sent["X-HTTP-Method-Override"] = "PATCH";
  }
  // #endif
  if (method !== "GET") sent["Content-Type"] = "application/json";
  return new Promise((resolve, reject) => {
    uni.request({
      url: absolute(call.outside ? path : BASE + path),
      method: verb as "GET",
      header: sent,
      data: method === "GET" ? undefined : JSON.stringify(call.body ?? {}),
      timeout: 20_000,
      success: (answer) => {
        const status = answer.statusCode;
        if (status >= 200 && status < 300) return resolve(parsed(answer.data) as T);
        const heads = (answer.header ?? {}) as Record<string, string>;
        reject(problem(status, parsed(answer.data), heads["retry-after"] ?? heads["Retry-After"] ?? ""));
      },
      fail: (failure) => reject(unreachable(failure.errMsg ?? "")),
    });
  });
}

/** application/problem+json is not recognised as JSON by every platform's request. */
function parsed(data: unknown): unknown {
  if (typeof data !== "string" || !data) return data;
  try {
    return JSON.parse(data);
  } catch {
    return data;
  }
}

/** Runs `attempt`; on an ended session, an old proof or a missing assurance level helps the person through it once and tries again. */
export async function helped<T>(attempt: () => Promise<T>, quiet = false): Promise<T> {
  try {
    return await attempt();
  } catch (failure) {
    if (!(failure instanceof Problem)) throw failure;
    if (!(await remedied(failure, quiet))) throw failure;
    return attempt();
  }
}

async function remedied(failure: Problem, quiet: boolean): Promise<boolean> {
  if (failure.status === 401) {
    if (failure.code !== "token_missing" && (await door.refresh())) return true;
    return quiet ? false : door.signIn();
  }
  if (failure.code === "fresh_sign_in_required" && !quiet) return door.prove();
  if (failure.code === "assurance_too_low" && failure.required && !quiet) return door.raise(failure.required);
  return false;
}

export function ask<T>(path: string, call: Call = {}): Promise<T> {
  if (call.anonymous) return once<T>(path, call);
  return helped(() => once<T>(path, call), call.quiet);
}

/** Sends one file as multipart field `file`; `progress` gets 0..100. Returns the parsed answer and a way to cancel. */
export function sendFile<T>(path: string, picture: Picture, progress: (percent: number) => void): { done: Promise<T>; cancel: () => void } {
  let task: UniApp.UploadTask | undefined;
  const attempt = (): Promise<T> =>
    new Promise((resolve, reject) => {
      task = uni.uploadFile({
        url: absolute(BASE + path),
        filePath: picture.path,
        // #ifdef H5
        file: picture.file as File,
        // #endif
        name: "file",
        header: headers({}),
        timeout: 60_000,
        success: (answer) => {
          const body = parsed(answer.data);
          if (answer.statusCode >= 200 && answer.statusCode < 300) resolve(body as T);
          else reject(problem(answer.statusCode, body));
        },
        fail: (failure) => reject(unreachable(failure.errMsg ?? "")),
      });
      task.onProgressUpdate((now) => progress(now.progress));
    });
  return { done: helped(attempt), cancel: () => task?.abort() };
}
