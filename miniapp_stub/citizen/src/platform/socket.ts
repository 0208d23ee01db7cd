// The one socket of this person. Knows frames and silence, nothing about conversations.
import { socketAddress } from "./origin";

export type Frame = { type: string } & Record<string, unknown>;
export interface Line {
  send: (frame: Frame) => boolean;
  close: () => void;
}
interface Ears {
  opened: () => void;
  heard: (frame: Frame) => void;
  closed: () => void;
}

/** Opens the socket under the subprotocol handheld.v1. `closed` is called exactly once, whatever happened. */
export function openLine(ears: Ears): Line {
  let over = false;
  let open = false;
  const end = (): void => {
    if (over) return;
    over = true;
    ears.closed();
  };
  const task = uni.connectSocket({ url: socketAddress(), protocols: ["handheld.v1"], fail: end, success: () => undefined }) as unknown as UniApp.SocketTask;
  task.onOpen(() => {
    open = true;
    ears.opened();
  });
  task.onMessage((message) => {
    if (over) return;
    try {
      ears.heard(JSON.parse(String(message.data)) as Frame);
    } catch {
      // Not one of ours; the protocol has JSON text frames only.
    }
  });
  task.onError(end);
  task.onClose(end);
  return {
    send: (frame) => {
      if (over || !open) return false;
      task.send({ data: JSON.stringify(frame), fail: end });
      return true;
    },
    close: () => {
      task.close({});
      end();
    },
  };
}
