// Loading one thing for a page: every state a page can be in, and the way out of each.
import { onUnmounted, reactive, watch } from "vue";
import { onLoad, onShow } from "@dcloudio/uni-app";
import { Problem } from "@/platform/http";
import { device } from "@/platform/device";
import { keep, kept } from "@/platform/storage";

export type LoadState = "loading" | "ready" | "error" | "offline" | "busy" | "sign_in" | "not_found";
export interface Load<T> {
  data: T | undefined;
  state: LoadState;
  problem: Problem | undefined;
  staleSince: number;
  waitFor: number;
  run: () => Promise<void>;
}

interface Options {
  /** Keep the last answer under this name and show it, marked with its age, when there is no network. */
  cache?: string;
}

const stateOf = (failure: Problem): LoadState => {
  if (failure.status === 404) return "not_found";
  if (failure.status === 401) return "sign_in";
  if (failure.status === 429 || failure.status === 503) return "busy";
  return failure.code === "offline" ? "offline" : "error";
};

export function useLoad<T>(fetch: () => Promise<T>, options: Options = {}): Load<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const load = reactive({
    data: undefined as T | undefined,
    state: "loading" as LoadState,
    problem: undefined as Problem | undefined,
    staleSince: 0,
    waitFor: 0,
    run,
  }) as Load<T>;

  async function run(): Promise<void> {
    clearTimeout(timer);
    if (load.data === undefined) load.state = "loading";
    try {
      load.data = await fetch();
      load.state = "ready";
      load.staleSince = 0;
      if (options.cache) keep(`cache.${options.cache}`, { at: Date.now(), data: load.data });
    } catch (failure) {
      failed(failure instanceof Problem ? failure : new Problem(0, "app_failed", "", String(failure)));
    }
  }

  function failed(failure: Problem): void {
    load.problem = failure;
    load.state = stateOf(failure);
    if (load.state === "busy") countDown(failure.retryAfter || 5);
    if (load.state !== "offline" && failure.status !== 0) return;
    const last = options.cache ? kept<{ at: number; data: T } | null>(`cache.${options.cache}`, null) : null;
    if (load.data === undefined && last) load.data = last.data;
    if (load.data !== undefined) {
      load.staleSince = last?.at ?? Date.now();
      load.state = "ready";
    } else if (!device.online) load.state = "offline";
  }

  /** Tries again by itself after what the server asked for, plus up to two seconds so that not all come at once. */
  function countDown(seconds: number): void {
    load.waitFor = Math.ceil(seconds + Math.random() * 2);
    const tick = (): void => {
      load.waitFor -= 1;
      if (load.waitFor <= 0) void run();
      else timer = setTimeout(tick, 1000);
    };
    timer = setTimeout(tick, 1000);
  }

  watch(
    () => device.online,
    (online) => {
      if (online && (load.staleSince || load.state === "offline")) void run();
    },
  );
  onUnmounted(() => clearTimeout(timer));
  return load;
}

/** Loads when the page opens, once `opened` has taken its parameters, and anew whenever somebody comes back to it. */
export function loadOnShow(load: Load<unknown>, opened?: (query: Record<string, string | undefined>) => void): void {
  let opening = true;
  onLoad((query) => {
    opened?.(query ?? {});
    void load.run();
  });
  onShow(() => {
    if (!opening) void load.run();
    opening = false;
  });
}
