/** One connection: commands go out as they are asked for, all of one turn in one write; answers come in their order. */
import { connect, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { RedisFailure, type RedisReply } from "../redis-scripts.ts";
import type { RedisAddress } from "./redis-url.ts";
import { type ReplyRoom, RespReader } from "./resp-reader.ts";
import { refuseUnsafe } from "./safety.ts";

export type RedisConnectionOptions = {
  readonly address: RedisAddress;
  /** Connecting, logging in and asking what kind of server it is. */
  readonly connectTimeoutMs: number;
  /** A server that owes an answer and says nothing for so long is given up. */
  readonly replyTimeoutMs: number;
  /** Takes a server that may lose jobs. */
  readonly allowUnsafe: boolean;
  /** Of the texts of answers. */
  readonly encoding: "utf8" | "latin1";
  /** For a connection that subscribes: what comes unasked, and that the connection is over. */
  readonly listener?: { message(): void; ended(): void };
};

type Settle = (reply: RedisReply | RedisFailure) => void;
type Asked = { readonly settle: Settle; readonly room?: ReplyRoom | undefined };

/** Of an answer without a room of its own: a claim's largest, with room. */
const REPLY_BYTES_MAX = 268_435_456;

/** Commands without an answer; more are refused. */
const PENDING_MAX = 20_000;

export class RedisConnection {
  readonly #options: RedisConnectionOptions;
  readonly #socket: Socket;
  readonly #reader: RespReader;
  /** Written, and not answered: of them those before `#answered` are done. */
  #pending: Asked[] = [];
  #answered = 0;
  /** Not written: commands of this turn, or all until the server was found fit. */
  #waiting: Asked[] = [];
  #out = "";
  #ready = false;
  #flushing = false;
  #failure: RedisFailure | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** When the server last owed nothing or said something. */
  #progressAt = Date.now();

  constructor(options: RedisConnectionOptions) {
    this.#options = options;
    const roomOf = () => this.#pending[this.#answered]?.room ?? { left: REPLY_BYTES_MAX, max: REPLY_BYTES_MAX };
    this.#reader = new RespReader(options.encoding, (reply) => this.#settleNext(reply), roomOf);
    const { host, port, path, tls } = options.address;
    const at = path === undefined ? { host, port } : { path };
    // An address has no name to be told to the server; its certificate is held against the address.
    this.#socket = tls ? connectTls({ ...at, ...(isIP(host) === 0 ? { servername: host } : {}) }) : connect(at);
    this.#socket.setNoDelay(true);
    this.#socket.on(tls ? "secureConnect" : "connect", () => this.#greet());
    this.#socket.on("data", (chunk: Buffer) => this.#take(chunk));
    this.#socket.on("error", (cause) =>
      this.#fail(new RedisFailure("unreachable", "the connection failed", { cause })),
    );
    this.#socket.on("close", () => this.#fail(new RedisFailure("unreachable", "the connection was closed")));
    this.#watch(options.connectTimeoutMs);
  }

  get isUsable(): boolean {
    return this.#failure === undefined;
  }

  /**
   * @param command as `framed` makes it
   * @param room of the answer; one that is longer is a refusal
   */
  send(command: string, settle: Settle, room?: ReplyRoom): void {
    const open = this.#pending.length - this.#answered + this.#waiting.length;
    if (this.#failure || open >= PENDING_MAX) {
      settle(this.#failure ?? new RedisFailure("unreachable", "too many commands wait for an answer"));
      return;
    }
    this.#waiting.push({ settle, room });
    this.#out += command;
    if (!this.#ready || this.#flushing) return;
    this.#flushing = true;
    queueMicrotask(() => this.#flush());
  }

  close(): void {
    this.#fail(new RedisFailure("unreachable", "the connection is closed"));
  }

  #greet(): void {
    const { user, password, database } = this.#options.address;
    const steps: (readonly string[])[] = [];
    if (password !== undefined) steps.push(user === undefined ? ["AUTH", password] : ["AUTH", user, password]);
    if (database !== 0) steps.push(["SELECT", `${database}`]);
    if (!this.#options.allowUnsafe) steps.push(["INFO"]);
    steps.push(["PING"]);
    this.#pending.push(
      ...steps.map(
        ([name]): Asked => ({
          settle: (reply) => {
            if (reply instanceof Error) return this.#fail(reply);
            if (name === "PING") this.#begin();
            if (name === "INFO") this.#judge(String(reply));
          },
        }),
      ),
    );
    this.#socket.write(steps.map(framed).join(""));
  }

  #judge(info: string): void {
    try {
      refuseUnsafe(info);
    } catch (error) {
      this.#fail(error as RedisFailure);
    }
  }

  #begin(): void {
    this.#ready = true;
    // From here on it has the time that replies have.
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#flush();
  }

  #flush(): void {
    this.#flushing = false;
    if (this.#failure || this.#waiting.length === 0) return;
    if (this.#answered === this.#pending.length) {
      this.#pending = this.#waiting;
      this.#answered = 0;
      this.#progressAt = Date.now();
    } else this.#pending.push(...this.#waiting);
    this.#waiting = [];
    const out = this.#out;
    this.#out = "";
    this.#socket.write(out);
    if (this.#timer === undefined) this.#watch(this.#options.replyTimeoutMs);
  }

  #take(chunk: Buffer): void {
    this.#progressAt = Date.now();
    try {
      this.#reader.feed(chunk);
    } catch (cause) {
      this.#fail(new RedisFailure("lost", "the server does not speak Redis's protocol", { cause }));
    }
  }

  #settleNext(reply: RedisReply | RedisFailure): void {
    const asked = this.#pending[this.#answered];
    if (this.#failure) return;
    if (!asked) {
      if (this.#options.listener && !(reply instanceof Error)) this.#options.listener.message();
      else this.#fail(new RedisFailure("lost", "an answer to no question"));
      return;
    }
    this.#answered += 1;
    if (this.#answered > 1_000 && this.#answered * 2 > this.#pending.length) {
      this.#pending = this.#pending.slice(this.#answered);
      this.#answered = 0;
    }
    asked.settle(reply);
  }

  #watch(timeoutMs: number, pauseMs = timeoutMs): void {
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#failure || (this.#ready && this.#answered === this.#pending.length)) return;
      const left = timeoutMs - (Date.now() - this.#progressAt);
      if (left > 0) return this.#watch(timeoutMs, Math.max(left, 10));
      this.#fail(new RedisFailure("unreachable", "the server does not answer"));
    }, pauseMs);
  }

  /** What was written may have been done; the rest has not. */
  #fail(failure: RedisFailure): void {
    if (this.#failure) return;
    const lost = this.#ready ? new RedisFailure("lost", failure.message, { cause: failure }) : failure;
    this.#failure = failure;
    clearTimeout(this.#timer);
    this.#socket.destroy();
    const [written, unwritten] = [this.#pending.slice(this.#answered), this.#waiting];
    [this.#pending, this.#waiting, this.#answered, this.#out] = [[], [], 0, ""];
    if (this.#ready) for (const { settle } of written) settle(lost);
    for (const { settle } of unwritten) settle(failure);
    this.#options.listener?.ended();
  }
}

/** A command as the protocol has it: an array of texts, each with its length in bytes. */
export function framed(parts: readonly string[]): string {
  return `*${parts.length}\r\n${framedParts(parts)}`;
}

/** The parts of a command, one after the other, without the head that counts them. */
export function framedParts(parts: readonly string[]): string {
  let text = "";
  for (const part of parts) text += `$${Buffer.byteLength(part)}\r\n${part}\r\n`;
  return text;
}
