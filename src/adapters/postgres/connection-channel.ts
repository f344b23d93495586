/** What a login has to know of the channel it goes over. */
import { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { certificateHash } from "./certificate-hash.ts";
import type { ConnectionTarget } from "./connection-url.ts";

export type Channel = {
  /** Nobody on the way can read along: TLS, a Unix socket, or a connection that does not leave this machine. */
  readonly isPrivate: boolean;
  /** `tls-server-end-point` of RFC 5929; undefined without TLS, or where the certificate has none. */
  readonly endPoint: Buffer | undefined;
};

/** Addresses of this machine. */
const LOCAL = /^(?:127\.|::1$|::ffff:127\.)/;

export function channelOf(socket: Socket, { host }: ConnectionTarget): Channel {
  if (!(socket instanceof TLSSocket)) {
    return { isPrivate: host.startsWith("/") || LOCAL.test(socket.remoteAddress ?? ""), endPoint: undefined };
  }
  // Deno gives plain bytes, Bun and Node a Buffer; absent when the session was resumed.
  const raw: Uint8Array | undefined = socket.getPeerCertificate(true).raw;
  return { isPrivate: true, endPoint: raw && certificateHash(Buffer.from(raw)) };
}
