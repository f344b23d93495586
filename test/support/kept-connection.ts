/** HTTP/1.1 over one connection, as a balancer holds it to a server: kept open, and nothing is repeated. `fetch` would. */
import { connect, type Socket } from "node:net";

export type Reply = {
  readonly status: number;
  readonly text: string;
  /** The server said that it ends the connection. The next one then has a new one. */
  readonly isLast: boolean;
};

export type KeptConnection = {
  /** One at a time. Rejects when the connection ends before the answer does. */
  post(path: string, body: string): Promise<Reply>;
  close(): void;
};

export function keptConnection(url: string): KeptConnection {
  const { host, hostname, port } = new URL(url);
  let open: Socket | undefined;
  const opened = () => {
    const socket = connect(Number(port), hostname);
    socket.setNoDelay(true);
    // What waits for an answer hears of it too.
    socket.on("error", () => {});
    socket.on("close", () => {
      if (open === socket) open = undefined;
    });
    return socket;
  };
  const post: KeptConnection["post"] = async (path, body) => {
    const socket = open ?? opened();
    open = socket;
    const head = [`POST ${path} HTTP/1.1`, `host: ${host}`, "content-type: application/json"];
    socket.write(`${head.join("\r\n")}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
    const reply = await replyOf(socket);
    if (reply.isLast) {
      open = undefined;
      socket.end();
    }
    return reply;
  };
  return { post, close: () => open?.destroy() };
}

function replyOf(socket: Socket): Promise<Reply> {
  const { promise, resolve, reject } = Promise.withResolvers<Reply>();
  let bytes = Buffer.alloc(0);
  const take = (more: Buffer) => {
    bytes = Buffer.concat([bytes, more]);
    const end = bytes.indexOf("\r\n\r\n");
    if (end < 0) return;
    const head = bytes.subarray(0, end).toString("latin1");
    const body = bytes.subarray(end + 4);
    if (body.length < Number(/^content-length: (\d+)/im.exec(head)?.[1])) return;
    const isLast = /^connection: close/im.test(head);
    resolve({ status: Number(head.split(" ")[1]), text: body.toString("utf8"), isLast });
  };
  const ended = () => reject(new Error(`the connection ended after ${bytes.length} bytes of the answer`));
  socket.on("data", take).on("close", ended);
  return promise.finally(() => socket.off("data", take).off("close", ended));
}
