import { openSocket } from "./open-socket.ts";
import type { ConnectionTarget } from "./url.ts";
import { cancelRequest } from "./wire-messages.ts";

/**
 * Sends a CancelRequest over a connection of its own. The server closes that connection when it has passed the request
 * on; only then does this resolve. It rejects when that takes longer than `timeoutMs`.
 */
export async function cancelStatement(
  target: ConnectionTarget,
  key: { readonly processId: number; readonly secret: number },
  timeoutMs: number,
): Promise<void> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), timeoutMs);
  try {
    const socket = await openSocket(target, late.signal);
    await new Promise<void>((resolve, reject) => {
      const giveUp = () => reject(new Error("no answer to a cancel request in time"));
      late.signal.addEventListener("abort", giveUp, { once: true });
      // Some servers reset this connection instead of ending it; either way they have read the request.
      socket.on("error", () => resolve()).on("close", () => resolve());
      socket.resume();
      socket.write(cancelRequest(key.processId, key.secret));
    }).finally(() => socket.destroy());
  } finally {
    clearTimeout(timer);
  }
}
