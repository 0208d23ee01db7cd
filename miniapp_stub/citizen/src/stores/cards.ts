// How the things stand that cards in a conversation stand for: one call for all of them, again when something happened.
import { reactive } from "vue";
import type { Text } from "@/i18n";
import { ask } from "@/platform/http";

export interface Part {
  kind: "material" | "field";
  code: string;
  name: Text;
  reason: string;
  replaced: boolean;
}
/** What a card says: as it was sent, or as its thing stands now. */
export interface Face {
  card: string;
  ref: string;
  at?: string | null;
  answers?: Record<string, string> | null;
  title?: Text | null;
  state?: string | null;
  state_text?: Text | null;
  amount_fen?: number | null;
  due_on?: string | null;
  number?: string | null;
  version?: number | null;
  paragraph?: Text | null;
  at_time?: string | null;
  place?: Text | null;
  parts?: Part[];
  done?: boolean;
}
export interface Now extends Face {
  seq: number;
  gone: boolean;
  changed: boolean;
}
interface Looked {
  state: "loading" | "ready" | "failed";
  cards: Now[];
}

export const looked = reactive<Record<string, Looked>>({});
const waiting = new Set<string>();
const SOON_MS = 60;

/** Asks for the conversation's cards, once for all that want to know within a moment. */
export function lookUp(conversation: string): void {
  if (!conversation || waiting.has(conversation)) return;
  waiting.add(conversation);
  looked[conversation] ??= { state: "loading", cards: [] };
  setTimeout(() => {
    waiting.delete(conversation);
    void fetchNow(conversation);
  }, SOON_MS);
}

async function fetchNow(conversation: string): Promise<void> {
  const held = (looked[conversation] ??= { state: "loading", cards: [] });
  try {
    held.cards = (await ask<{ items: Now[] }>(`/consultations/${conversation}/cards`, { quiet: true })).items;
    held.state = "ready";
  } catch {
    held.state = held.cards.length ? "ready" : "failed";
  }
}

/** The latest known standing of what this card stands for. */
export function nowOf(conversation: string, card: Face): Now | undefined {
  const same = (one: Now): boolean => one.card === card.card && one.ref === card.ref;
  return [...(looked[conversation]?.cards ?? [])].reverse().find(same);
}
