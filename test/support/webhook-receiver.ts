/** A server that webhooks are sent to. */
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";

export type Received = {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
};
export type Answering = (received: Received, response: ServerResponse) => void;

export type WebhookReceiver = {
  readonly port: number;
  readonly received: Received[];
  /** What is answered from now on. */
  answer: Answering;
  connections(): number;
  /** Ends the server, and all of its connections. */
  stop(): Promise<void>;
};

export const ok: Answering = (_received, response) => response.end("ok");
export const status =
  (code: number, headers: Record<string, string> = {}): Answering =>
  (_received, response) =>
    response.writeHead(code, headers).end(`status ${code}`);

/** @param tls PEM of a certificate and its key; without, the receiver speaks in clear */
export async function startReceiver(tls?: { readonly cert: string; readonly key: string }): Promise<WebhookReceiver> {
  const listener = async (request: IncomingMessage, response: ServerResponse) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const { method = "", url = "", headers } = request;
    const received = { method, path: url, headers, body: Buffer.concat(parts).toString("utf8") };
    receiver.received.push(received);
    receiver.answer(received, response);
  };
  const server = tls ? createTlsServer(tls, listener) : createServer(listener);
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const receiver: WebhookReceiver = {
    port: (server.address() as AddressInfo).port,
    received: [],
    answer: ok,
    connections: () => sockets.size,
    stop: () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      return closed;
    },
  };
  return receiver;
}
