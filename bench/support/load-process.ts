/**
 * The load generator: a process of its own that keeps N connections busy with HTTP/1.1 POST requests over raw sockets.
 *
 * It differs from wrk in one point that matters when several servers take turns: at the end of a run it sends nothing
 * new but waits for every outstanding answer. So no work of one server runs into the time of the next, and a server
 * that needs five seconds for its first answers is counted for them.
 */
import type { LoadOrder, LoadResult } from "./load.ts";

type Exchange = {
  started: number;
  /** Bytes still to come of the answer; -1 while its head is incomplete, -2 while a chunked body runs. */
  remaining: number;
  head: Buffer | undefined;
};

const HEAD_END = Buffer.from("\r\n\r\n");
const CHUNKED_END = Buffer.from("0\r\n\r\n");

function requestBytes(order: LoadOrder, body: string): Buffer {
  const length = Buffer.byteLength(body);
  return Buffer.from(
    `POST ${order.path} HTTP/1.1\r\nHost: 127.0.0.1:${order.port}\r\nContent-Type: application/json\r\n` +
      `Accept: application/json\r\nContent-Length: ${length}\r\n\r\n${body}`,
  );
}

/** Takes bytes of an answer; true once the answer is complete. */
function take(exchange: Exchange, bytes: Buffer, onFailed: () => void): boolean {
  let body = bytes.length;
  if (exchange.remaining === -1) {
    const all = exchange.head === undefined ? bytes : Buffer.concat([exchange.head, bytes]);
    const end = all.indexOf(HEAD_END);
    if (end === -1) {
      exchange.head = all;
      return false;
    }
    exchange.head = undefined;
    const head = all.toString("latin1", 0, end);
    if (!head.startsWith("HTTP/1.1 200")) onFailed();
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
    exchange.remaining = length === undefined ? -2 : Number(length);
    body = all.length - end - HEAD_END.length;
  }
  if (exchange.remaining === -2) return bytes.subarray(-CHUNKED_END.length).equals(CHUNKED_END);
  exchange.remaining -= body;
  return exchange.remaining <= 0;
}

function percentile(sorted: Float64Array, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

async function run(order: LoadOrder): Promise<LoadResult> {
  const requests = order.bodies.map((body) => requestBytes(order, body));
  const latencies: number[] = [];
  let failed = 0;
  let turn = 0;
  let open = order.connections;
  const finished = Promise.withResolvers<void>();
  const started = performance.now();
  const deadline = started + order.milliseconds;

  const send = (socket: Bun.Socket<Exchange>): void => {
    const request = requests[turn++ % requests.length] ?? Buffer.alloc(0);
    socket.data.started = performance.now();
    socket.data.remaining = -1;
    if (socket.write(request) !== request.length) finished.reject(new Error("A request did not fit into the socket."));
  };
  await Promise.all(
    Array.from({ length: order.connections }, () =>
      Bun.connect<Exchange>({
        hostname: "127.0.0.1",
        port: order.port,
        data: { started: 0, remaining: -1, head: undefined },
        socket: {
          open: send,
          data(socket, bytes) {
            if (!take(socket.data, bytes, () => failed++)) return;
            const now = performance.now();
            latencies.push(now - socket.data.started);
            if (now < deadline) return send(socket);
            socket.end();
            if (--open === 0) finished.resolve();
          },
          close(socket) {
            if (socket.data.remaining !== 0 && socket.data.remaining !== -2)
              finished.reject(new Error("The server closed a connection."));
          },
          error: (_socket, error) => finished.reject(error),
        },
      }),
    ),
  );
  await finished.promise;
  const elapsed = performance.now() - started;
  const sorted = Float64Array.from(latencies).sort();
  return {
    requests: sorted.length,
    failed,
    milliseconds: elapsed,
    p50: percentile(sorted, 0.5),
    p99: percentile(sorted, 0.99),
  };
}

for await (const line of console) {
  const answer = await run(JSON.parse(line) as LoadOrder).catch((error: unknown) => ({ error: String(error) }));
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
