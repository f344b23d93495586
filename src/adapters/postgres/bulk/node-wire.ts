import type { Socket } from "node:net";
import process from "node:process";
import { channelOf } from "../connection/channel.ts";
import { openSocket } from "../connection/open-socket.ts";
import type { OpenWire } from "./wire.ts";

/** A wire over `node:net` and `node:tls`: Bun, Deno and Node. */
export const openNodeWire: OpenWire = async (target, events, signal) => {
  const socket = await openSocket(target, signal);
  const below = flowBelowTls(socket);
  socket.on("data", events.onData);
  socket.on("error", events.onClosed);
  socket.on("close", () => events.onClosed(new Error("the connection was lost")));
  return {
    channel: channelOf(socket, target),
    write: (bytes) => void socket.write(bytes),
    pause() {
      socket.pause();
      below?.readStop();
    },
    resume() {
      below?.readStart();
      socket.resume();
    },
    end(bytes) {
      // A peer that is gone without our knowing must not keep the process alive.
      socket.unref();
      socket.end(bytes);
    },
    destroy: () => void socket.destroy(),
  };
};

type Flow = { readStop(): void; readStart(): void };

/**
 * While a TLS socket is paused, Deno (2.9) goes on reading from the network and keeps all of it, so that the server never
 * has to wait. The handle below has to be stopped too, for which there is no public way.
 * https://github.com/denoland/deno/pull/33524
 */
function flowBelowTls(socket: Socket): Flow | undefined {
  if (!("deno" in process.versions)) return undefined;
  return (socket as { readonly _parent?: { readonly _handle?: Flow } })._parent?._handle;
}
