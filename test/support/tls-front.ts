/** Offers TLS in front of a PostgreSQL that has none: answers SSLRequest, then passes the decrypted bytes on. */
import { readFileSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { TLSSocket } from "node:tls";

const certificate = (file: string) => readFileSync(join(import.meta.dir, "tls", file));

export type TlsFront = {
  /** The database by way of the front, with the host `localhost` that its self-signed certificate names. */
  readonly url: string;
  /** Connections that were encrypted. */
  encrypted(): number;
  close(): void;
};

/** @param answer - what is sent upon SSLRequest; `S` is followed by TLS */
export async function tlsFront(databaseUrl: string, answer = "S"): Promise<TlsFront> {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let encrypted = 0;
  const server = createServer((client) => {
    sockets.add(client.on("error", () => undefined));
    client.once("data", () => {
      client.write(answer);
      if (answer !== "S") {
        if (answer.startsWith("N")) passOn(client);
        return;
      }
      const secured = new TLSSocket(client, {
        isServer: true,
        key: certificate("localhost.key"),
        cert: certificate("localhost.crt"),
      });
      secured.once("secure", () => {
        encrypted += 1;
      });
      passOn(secured);
    });
  });
  const passOn = (client: Socket) => {
    const upstream = connect(Number(target.port), target.hostname);
    sockets.add(upstream);
    client.on("error", () => upstream.destroy()).on("close", () => upstream.destroy());
    upstream.on("error", () => client.destroy()).on("close", () => client.destroy());
    client.pipe(upstream).pipe(client);
  };
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const url = new URL(databaseUrl);
  url.hostname = "localhost";
  url.port = String((server.address() as { port: number }).port);
  return {
    url: url.href,
    encrypted: () => encrypted,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
