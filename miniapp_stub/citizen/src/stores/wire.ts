// The line that is open right now, for those who speak into it.
import type { Frame, Line } from "@/platform/socket";

export const wire: { line?: Line } = {};

/** False when there is no line, or it is not open yet. */
export const transmit = (frame: Frame): boolean => wire.line?.send(frame) ?? false;
