/** A receiver of webhooks that counts what it took, and misbehaves as it is told. */
import type { Socket } from "node:net";
import { type Answering, ok, type Received, startReceiver } from "../../support/webhook-receiver.ts";

export type CountingReceiver = {
  readonly port: number;
  /** What is answered from now on; what is answered with 2xx is taken. */
  answer(answering: Answering): void;
  /** How many versions of the row were taken. */
  versionsOf(account: number): number;
  /** Deliveries that were taken again, under the id they were taken with before. */
  duplicated(): number;
  /** Versions that came under two ids: a receiver could not tell that they are one. */
  doubled(): number;
  /** The rows of what was taken, in the order it came. */
  readonly taken: readonly number[];
  /** Resolves when something is taken that was not taken before. */
  next(): Promise<void>;
  stop(): Promise<void>;
};

export async function startCountingReceiver(): Promise<CountingReceiver> {
  const receiver = await startReceiver();
  const ids = new Map<string, string>();
  const accounts = new Map<number, Set<number>>();
  const taken: number[] = [];
  let [duplicated, doubled] = [0, 0];
  let next = Promise.withResolvers<void>();
  let answering: Answering = ok;
  const take = ({ headers, body }: Received) => {
    const { account, version } = JSON.parse(body) as { account: number; version: number };
    const id = String(headers["idempotency-key"]);
    if (ids.has(id)) {
      duplicated += 1;
      return;
    }
    ids.set(id, body);
    taken.push(account);
    const versions = accounts.get(account) ?? new Set();
    accounts.set(account, versions);
    if (versions.has(version)) doubled += 1;
    versions.add(version);
    next.resolve();
    next = Promise.withResolvers();
  };
  receiver.answer = (received, response) => {
    receiver.received.length = 0;
    // A body without end is never finished; its status was good.
    let isTaken = false;
    const ended = () => {
      if (!isTaken && response.headersSent && response.statusCode < 300) take(received);
      isTaken = true;
    };
    response.on("finish", ended);
    response.on("close", ended);
    answering(received, response);
  };
  return {
    port: receiver.port,
    answer: (with_) => {
      answering = with_;
    },
    versionsOf: (account) => accounts.get(account)?.size ?? 0,
    duplicated: () => duplicated,
    doubled: () => doubled,
    taken,
    next: () => next.promise,
    stop: receiver.stop,
  };
}

/** Takes it after a while. */
export const late =
  (milliseconds: number): Answering =>
  (_received, response) =>
    void setTimeout(() => response.end("ok"), milliseconds);

/** Ends the connection without a word. */
export const reset: Answering = (_received, response) => void (response.socket as Socket | null)?.resetAndDestroy();

/** Says nothing, and keeps the connection. */
export const silent: Answering = () => {};

/** Has a good status and then a body that never ends. */
export const dripping: Answering = (_received, response) => {
  response.writeHead(200);
  const drip = setInterval(() => response.write("."), 100);
  response.on("close", () => clearInterval(drip));
};
