import { channelOf } from "../connection-channel.ts";
import { openSocket } from "../connection-socket.ts";
import type { OpenWire } from "./wire.ts";

/** A wire over `node:net` and `node:tls`: Bun, Deno and Node. */
export const openNodeWire: OpenWire = async (target, events, signal) => {
  const socket = await openSocket(target, signal);
  socket.on("data", events.onData);
  socket.on("error", events.onClosed);
  socket.on("close", () => events.onClosed(new Error("the connection was lost")));
  return {
    channel: channelOf(socket, target),
    write: (bytes) => void socket.write(bytes),
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    // A peer that is gone without our knowing must not keep the process alive.
    end: (bytes) => void socket.unref().end(bytes),
    destroy: () => void socket.destroy(),
  };
};
