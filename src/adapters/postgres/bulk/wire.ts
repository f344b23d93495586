/** The bytes below the protocol: what a bulk connection needs of a socket, whichever runtime it comes from. */
import type { Buffer } from "node:buffer";
import type { Channel } from "../connection/channel.ts";
import type { ConnectionTarget } from "../connection/url.ts";

export type Wire = {
  readonly channel: Channel;
  write(bytes: Buffer): void;
  /** No more `onData` for the time being, but for what is on its way already; the server has to wait. */
  pause(): void;
  resume(): void;
  /** Gives the memory of a chunk back at once; without it the collector does in its time, of which much is held until then. */
  free?(memory: ArrayBufferLike): void;
  /** Says a last word and closes. */
  end(bytes: Buffer): void;
  destroy(): void;
};

export type WireEvents = {
  /** The chunk stays as it is for ever. */
  onData(chunk: Buffer): void;
  /** May be called more than once. */
  onClosed(error: Error): void;
};

/** Rejects when there is no connection, when TLS is wanted and not had, or when `signal` aborts. */
export type OpenWire = (target: ConnectionTarget, events: WireEvents, signal: AbortSignal) => Promise<Wire>;
