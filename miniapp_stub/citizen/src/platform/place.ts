// Keeping one's place on a page that grows above it.
import type { ComponentPublicInstance } from "vue";

interface Seen {
  top: number;
  scrolled: number;
}

function whereIs(selector: string, owner: unknown): Promise<Seen | undefined> {
  return new Promise((resolve) => {
    const query = uni.createSelectorQuery().in(owner as ComponentPublicInstance);
    query.select(selector).boundingClientRect();
    query.selectViewport().scrollOffset(() => undefined);
    query.exec((found: [{ top: number } | null, { scrollTop: number } | null]) => {
      const [box, offset] = found;
      resolve(box && offset ? { top: box.top, scrolled: offset.scrollTop } : undefined);
    });
  });
}

/** Runs `grow`, then scrolls so that what `selector` names is where it was on the screen. */
export async function stayAt(selector: string, owner: unknown, grow: () => Promise<void>): Promise<void> {
  const before = await whereIs(selector, owner);
  await grow();
  const after = await whereIs(selector, owner);
  if (!before || !after || after.top === before.top) return;
  await uni.pageScrollTo({ scrollTop: after.scrolled + after.top - before.top, duration: 0 });
}
