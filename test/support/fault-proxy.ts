/** A TCP proxy that can fall silent, cut its connections or refuse new ones, as networks do. */
import { connect, createServer, type Socket } from "node:net";

export type FaultProxy = {
  /** The given database URL, by way of the proxy. */
  readonly url: string;
  /** Bytes stay where they are, in both directions; connections stay open and new ones are taken. */
  freeze(): void;
  thaw(): void;
  /** Ends every connection at once, without a word. */
  cut(): void;
  /** Takes no new connection until `accept`. */
  refuse(): Promise<void>;
  accept(): Promise<void>;
  connections(): number;
  close(): Promise<void>;
};

export async function faultProxy(databaseUrl: string): Promise<FaultProxy> {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let frozen = false;
  const join = (socket: Socket, other: Socket) => {
    sockets.add(socket);
    if (frozen) socket.pause();
    socket.on("data", (bytes) => other.write(bytes));
    socket.on("error", () => other.destroy());
    socket.on("close", () => {
      sockets.delete(socket);
      other.destroy();
    });
  };
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    join(client, upstream);
    join(upstream, client);
  });
  const listen = (port: number) =>
    new Promise<void>((resolve) => {
      server.listen(port, "127.0.0.1", resolve);
    });
  await listen(0);
  const { port } = server.address() as { port: number };
  const url = new URL(databaseUrl);
  url.hostname = "127.0.0.1";
  url.port = String(port);
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  const refuse = () => new Promise<void>((resolve) => void server.close(() => resolve()));
  return {
    url: url.href,
    freeze: () => {
      frozen = true;
      for (const socket of sockets) socket.pause();
    },
    thaw: () => {
      frozen = false;
      for (const socket of sockets) socket.resume();
    },
    cut,
    refuse: () => {
      const closed = refuse();
      cut();
      return closed;
    },
    accept: () => listen(port),
    connections: () => sockets.size / 2,
    close: async () => {
      const closed = server.listening ? refuse() : Promise.resolve();
      cut();
      await closed;
    },
  };
}
