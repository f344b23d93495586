/** A socket to PostgreSQL, with TLS on it if the URL wants it. */
import { connect, isIP, type NetConnectOpts, type Socket } from "node:net";
import { connect as secure } from "node:tls";
import type { ConnectionTarget } from "./url.ts";
import { SSL_REQUEST_MESSAGE } from "./wire-messages.ts";

const ACCEPTS_TLS = 0x53; // S

/**
 * Rejects when nothing is there, when TLS is wanted and not had, or when `signal` aborts.
 */
export async function openSocket(target: ConnectionTarget, signal: AbortSignal): Promise<Socket> {
  const isLocal = target.host.startsWith("/");
  const to = isLocal ? { path: `${target.host}/.s.PGSQL.${target.port}` } : { host: target.host, port: target.port };
  const socket = await dial({ ...to, noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 }, signal);
  if (isLocal || target.tls === "disable") return socket;
  return withTls(socket, target, signal);
}

function dial(to: NetConnectOpts, signal: AbortSignal): Promise<Socket> {
  const socket = connect(to);
  return eventOrError(socket, "connect", signal).then(() => socket);
}

async function withTls(plain: Socket, target: ConnectionTarget, signal: AbortSignal): Promise<Socket> {
  const { host, tls } = target;
  const answer = eventOrError<Buffer>(plain, "data", signal);
  plain.write(SSL_REQUEST_MESSAGE);
  const bytes = await answer;
  // More than the one byte would be plain text that a third party slipped in before the encryption began.
  if (bytes.length !== 1) throw destroyed(plain, "the server's answer about TLS is not valid");
  if (bytes[0] !== ACCEPTS_TLS) {
    if (tls === "prefer") return plain;
    throw destroyed(plain, "the server does not offer TLS, which sslmode asks for");
  }
  const encrypted = secure({ socket: plain, ...(isIP(host) ? {} : { servername: host }), ...verification(target) });
  await eventOrError(encrypted, "secureConnect", signal);
  return encrypted;
}

function verification({ tls, rootCertificate }: ConnectionTarget) {
  const trusted = rootCertificate === undefined ? {} : { ca: rootCertificate };
  if (tls === "verify-full") return trusted;
  // Who gives a certificate wants it checked: libpq takes `require` so, too.
  const checksChain = tls === "verify-ca" || (tls === "require" && rootCertificate !== undefined);
  return checksChain ? { ...trusted, checkServerIdentity: () => undefined } : { rejectUnauthorized: false };
}

function eventOrError<T>(socket: Socket, event: string, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void) => {
      socket.off(event, onEvent).off("error", onError).off("close", onClose);
      signal.removeEventListener("abort", onAbort);
      act();
    };
    const fail = (error: unknown) => {
      settle(() => reject(error));
      socket.on("error", () => undefined).destroy();
    };
    const onEvent = (value: T) => settle(() => resolve(value));
    const onError = (error: Error) => fail(error);
    const onClose = () => fail(new Error("the server closed the connection"));
    const onAbort = () => fail(new Error("no connection in time"));
    socket.once(event, onEvent).once("error", onError).once("close", onClose);
    signal.addEventListener("abort", onAbort, { once: true });
    if (signal.aborted) onAbort();
  });
}

function destroyed(socket: Socket, why: string): Error {
  socket.destroy();
  return new Error(why);
}
