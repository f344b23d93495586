/**
 * The sockets of the driver `postgres`: made and logged in as this adapter makes its own, given up when the server falls silent, and
 * closed only at a moment that the driver can bear.
 *
 * Version 3.4.9 holds small writes back until the end of the turn. If its socket closes in between, it never writes
 * again on that connection; if a transaction still rolls back after the close, it writes to a socket that is null, and
 * the process ends. So the driver hears of a connection's death first as an error; then it writes what it held back, or a
 * rollback, and right after that write it hears of the close. Not within it: the driver would count the connection among
 * those that are open again, and hand it statements whose end nobody ever hears of.
 */
import { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import { channelOf } from "../connection/channel.ts";
import { openSocket } from "../connection/open-socket.ts";
import type { ConnectionTarget } from "../connection/url.ts";
import { ownLogin } from "./own-login.ts";
import { watchSilence } from "./silent-server.ts";

export type WorkerSocketOptions = {
  readonly target: ConnectionTarget;
  readonly connectTimeoutMs: number;
  /** A server that owes an answer and sends nothing for so long is given up. */
  readonly silenceMs: number;
  /** The driver has ended: what it is still connecting would stay open, and keep the process. */
  readonly ended: AbortSignal;
};

/** What the driver uses of a socket. */
type DriverSocket = EventEmitter & Pick<Socket, "readyState" | "write" | "end" | "destroy" | "setKeepAlive">;

/** What is still written comes at once, if it comes at all. */
const LAST_WRITE_MS = 20;

/** Never rejects, for the driver would lose the connection for good: a failure comes as a socket that breaks at once. */
export async function openWorkerSocket(options: WorkerSocketOptions): Promise<DriverSocket> {
  const signal = AbortSignal.timeout(options.connectTimeoutMs);
  const real = await openSocket(options.target, signal).catch((cause: unknown) =>
    unreachable("No connection could be made.", cause),
  );
  if (real instanceof Error || !options.ended.aborted) return driverSocket(real, options);
  real.destroy();
  return driverSocket(unreachable("The driver has ended."), options);
}

function unreachable(message: string, cause?: unknown): Error {
  return Object.assign(new Error(message, { cause }), { code: "CONNECT_TIMEOUT" });
}

function driverSocket(real: Socket | Error, { target, silenceMs, ended }: WorkerSocketOptions): DriverSocket {
  const events = new EventEmitter();
  let isDead = real instanceof Error;
  let isClosed = false;
  const close = () => {
    if (isClosed) return;
    isClosed = true;
    ended.removeEventListener("abort", destroy);
    events.emit("close", false);
  };
  const watch = watchSilence(silenceMs, () => die(unreachable("The server has fallen silent.")));
  const die = (error: Error) => {
    if (isDead) return;
    isDead = true;
    const isOwed = watch.isOwed();
    watch.end();
    if (!(real instanceof Error)) real.destroy();
    if (isOwed) events.emit("error", error);
    setTimeout(() => setImmediate(close), LAST_WRITE_MS);
  };
  const destroy = () => die(unreachable("It was given up."));
  ended.addEventListener("abort", destroy, { once: true });
  if (!(real instanceof Error)) {
    const answer = (bytes: Buffer) => {
      watch.sent();
      real.write(bytes);
    };
    const pass = (bytes: Buffer) => events.emit("data", bytes);
    const receive = ownLogin({ target, channel: channelOf(real, target), answer, pass });
    real.on("data", (bytes: Buffer) => {
      watch.received(bytes);
      try {
        receive(bytes);
      } catch (error) {
        // Whatever the server thinks: the driver still waits for the end of the login, and is to hear how that failed.
        watch.sent();
        die(error as Error);
      }
    });
    real.on("drain", () => events.emit("drain"));
    real.on("error", (error) => die(error));
    real.on("close", () => die(unreachable("The server closed the connection.")));
  }
  const calls = {
    write: (bytes: Uint8Array) => {
      if (isDead || real instanceof Error) {
        if (real instanceof Error && !isClosed) events.emit("error", real);
        queueMicrotask(close);
        return true;
      }
      watch.sent();
      return real.write(bytes);
    },
    end: (bytes?: Uint8Array) => {
      if (isDead || real instanceof Error) close();
      else real.end(bytes ?? new Uint8Array());
    },
    destroy,
    setKeepAlive: () => {},
  };
  Object.defineProperty(events, "readyState", { get: () => (isDead ? "closed" : "open") });
  return Object.assign(events, calls) as unknown as DriverSocket;
}
