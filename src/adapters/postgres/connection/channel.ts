/** What a login has to know of the channel it goes over. */
import { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { certificateHash } from "./certificate-hash.ts";
import type { ConnectionTarget } from "./url.ts";

export type Channel = {
  /** Nobody on the way can read along: TLS, a Unix socket, or a connection that does not leave this machine. */
  readonly isPrivate: boolean;
  /** `tls-server-end-point` of RFC 5929; undefined without TLS, or where the certificate has none. */
  readonly endPoint: Buffer | undefined;
};

const THIS_MACHINE = /^(?:127\.|::1$|::ffff:127\.)/;

/** @param address - of the other side; undefined for a Unix socket */
export function plainChannel({ host }: ConnectionTarget, address: string | undefined): Channel {
  return { isPrivate: host.startsWith("/") || THIS_MACHINE.test(address ?? ""), endPoint: undefined };
}

/** What a connected socket lets a login know of the way: whether others can read it, and what a binding is made of. */
export function channelOf(socket: Socket, target: ConnectionTarget): Channel {
  if (!(socket instanceof TLSSocket)) return plainChannel(target, socket.remoteAddress);
  // Deno gives plain bytes, Bun and Node a Buffer; absent when the session was resumed.
  const raw: Uint8Array | undefined = socket.getPeerCertificate(true).raw;
  return { isPrivate: true, endPoint: raw && certificateHash(Buffer.from(raw)) };
}
