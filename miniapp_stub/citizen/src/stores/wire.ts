// The line that is open right now, for those who speak into it.
import type { Frame, Line } from "@/platform/socket";

export const wire: { line?: Line; misses: number } = { misses: 0 };

/** So often in a row no line came about that something on the way seems to be against it: words go another way. */
const ENOUGH_MISSES = 2;
export const blocked = (): boolean => wire.misses >= ENOUGH_MISSES;

/** False when there is no line, or it is not open yet. */
export const transmit = (frame: Frame): boolean => wire.line?.send(frame) ?? false;
