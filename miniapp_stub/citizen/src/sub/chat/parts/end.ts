// Whether the end of the conversation is on the screen, and what came while it was not.
import { getCurrentInstance, onUnmounted, ref, type Ref } from "vue";
import { scrollToEnd } from "@/platform/device";

/** So close to the end counts as reading along. */
const NEAR_PX = 140;

interface End {
  near: Ref<boolean>;
  fresh: Ref<number>;
  watchEnd: (mark: string) => void;
  toEnd: () => void;
}

export function useEnd(): End {
  const near = ref(true);
  const fresh = ref(0);
  const owner = getCurrentInstance()?.proxy;
  let eye: UniApp.IntersectionObserver | undefined;
  function watchEnd(mark: string): void {
    eye?.disconnect();
    eye = uni.createIntersectionObserver(owner, { thresholds: [0, 0.5, 1] });
    eye.relativeToViewport({ bottom: NEAR_PX }).observe(mark, (seen) => {
      near.value = seen.intersectionRatio > 0;
      if (near.value) fresh.value = 0;
    });
  }
  function toEnd(): void {
    fresh.value = 0;
    scrollToEnd();
  }
  onUnmounted(() => eye?.disconnect());
  return { near, fresh, watchEnd, toEnd };
}
