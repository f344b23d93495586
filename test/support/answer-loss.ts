/** A TCP proxy that lets a server do what it was asked and loses the answer: the case in which a client cannot know. */
import { connect, createServer, type Socket } from "node:net";

export type AnswerLoss = {
  readonly port: number;
  /** The next bytes a server sends are swallowed and their connection is cut.
   * @returns when an answer after that one has passed: to the client's retry, if it makes one */
  loseNext(): Promise<void>;
  readonly lost: number;
  close(): Promise<void>;
};

export async function answerLoss(port: number): Promise<AnswerLoss> {
  const sockets = new Set<Socket>();
  let [armed, lost] = [false, 0];
  let answered = () => {};
  const server = createServer((client) => {
    const upstream = connect(port, "127.0.0.1");
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket);
      socket.on("error", () => other.destroy());
      socket.on("close", () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    client.on("data", (bytes) => upstream.write(bytes));
    upstream.on("data", (bytes) => {
      if (!armed) {
        client.write(bytes);
        return answered();
      }
      [armed, lost] = [false, lost + 1];
      return client.destroy();
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    port: (server.address() as { port: number }).port,
    loseNext: () => {
      armed = true;
      return new Promise((resolve) => {
        answered = resolve;
      });
    },
    get lost() {
      return lost;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
