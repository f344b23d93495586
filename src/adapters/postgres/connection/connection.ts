/**
 * One TCP connection to PostgreSQL, for one life: it is never reopened, a lost one is replaced by its pool.
 *
 * It speaks the extended query protocol itself. A statement costs one round trip even the first time, and nothing
 * between the socket and the caller touches the bytes of a value.
 */
import type { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import type { FraiseqlError } from "../../../core/errors.ts";
import type { Statement } from "../../../ports/database.ts";
import { cancelStatement } from "./cancel-statement.ts";
import { channelOf } from "./channel.ts";
import { isStale } from "./error.ts";
import { createLogin } from "./login.ts";
import { AUTHENTICATION, BACKEND_KEY, COMPLETE, COPY_IN, DATA_ROW, ERROR, PARSED, READY } from "./message-types.ts";
import { openSocket } from "./open-socket.ts";
import { createSentStatements } from "./sent-statements.ts";
import type { ConnectionSettings } from "./settings.ts";
import { COPY_REFUSED, startup, TERMINATE } from "./wire-messages.ts";
import { createReader, type OnMessage, readError, readRow, ServerError, type Value } from "./wire-reader.ts";

export type AnswerSettings = ConnectionSettings & {
  /** A longer message of the server, and so a longer answer, ends the connection with RESPONSE_LIMIT. */
  readonly messageBytesMax: number;
  /** It is passed over instead, for the sake of the statements behind it. */
  readonly passesLongMessages?: boolean;
};

export type Form = "bytes" | "text";
export type Rows = readonly (readonly Value[])[];
/** Called once: with the rows, or with `rows` undefined, what went wrong, and whether the statement had gone out. */
export type Done = (rows: Rows | undefined, error?: unknown, wasSent?: boolean) => void;

/** A statement to be run. */
export type Order = {
  readonly statement: Statement;
  readonly form: Form;
  /** Go out in front of it, in the same transaction and round trip; their rows are not kept. */
  readonly before?: readonly Statement[] | undefined;
  readonly done: Done;
};

type Job = {
  readonly order: Order;
  /** May be sent again where the server turned out not to know it: not inside of a transaction, which is broken then. */
  mayRetry: boolean;
};

/** Status in ReadyForQuery: not in a transaction. https://www.postgresql.org/docs/18/protocol-message-formats.html */
const IDLE = 0x49; // I

export class Connection {
  readonly #settings: AnswerSettings;
  readonly #onClosed: () => void;
  readonly #sent = createSentStatements();
  readonly #opening = new AbortController();
  readonly #loginTimer: ReturnType<typeof setTimeout>;
  #socket: Socket | undefined;
  #state: "login" | "ready" | "closed" = "login";
  /** What was sent, in its order; the server works at the first. */
  #jobs: Job[] = [];
  /** Of the first job. */
  #rows: Value[][] = [];
  /** How many of the statements in front of the first job's are not complete. */
  #ahead = 0;
  #transaction = IDLE;
  #failure: ServerError | FraiseqlError | undefined;
  #key: { readonly processId: number; readonly secret: number } | undefined;

  /** @param onClosed - called once when the connection is gone, for whatever reason */
  constructor(settings: AnswerSettings, onClosed: () => void) {
    this.#settings = settings;
    this.#onClosed = onClosed;
    this.#loginTimer = setTimeout(() => this.destroy(new Error("no login in time")), settings.connectTimeoutMs);
    openSocket(settings.target, this.#opening.signal).then(
      (socket) => this.#start(socket),
      (error) => this.destroy(error),
    );
  }

  /**
   * They go out in one piece, each a transaction of its own where none is open, also while others run: the server takes them
   * one after the other. What is given before the login is done waits for it.
   */
  run(orders: readonly Order[]): void {
    if (this.#state === "closed") {
      for (const { done } of orders) done(undefined, new Error("the connection was lost"), false);
      return;
    }
    const jobs = orders.map((order) => ({ order, mayRetry: this.#transaction === IDLE }));
    this.#jobs.push(...jobs);
    if (this.#jobs.length === jobs.length) this.#begin();
    if (this.#state === "ready") this.#send(jobs);
  }

  get isRunning(): boolean {
    return this.#jobs.length > 0;
  }

  /** Whether nothing runs and no transaction is open. */
  get isIdle(): boolean {
    return this.#transaction === IDLE && !this.isRunning;
  }

  /** Asks the server, over a second connection, to stop the running statement; resolves when it has been told. */
  async cancel(): Promise<void> {
    const { target, connectTimeoutMs } = this.#settings;
    if (this.#key && this.#state === "ready") await cancelStatement(target, this.#key, connectTimeoutMs);
  }

  destroy(error: unknown): void {
    if (this.#state === "closed") return;
    const wasReady = this.#state === "ready";
    const isIdle = wasReady && !this.isRunning;
    this.#state = "closed";
    clearTimeout(this.#loginTimer);
    this.#opening.abort();
    // An idle peer is told; one that is gone without our knowing must not keep the process alive.
    if (isIdle) this.#socket?.unref().end(TERMINATE);
    else this.#socket?.destroy();
    const failure = this.#failure;
    const lost = this.#jobs.splice(0);
    this.#onClosed();
    for (const [index, { order }] of lost.entries()) {
      // What ended the session ended it before those behind were begun; any other failure is that of the first alone.
      const isOfAll = failure instanceof ServerError && failure.severity !== "ERROR";
      order.done(undefined, index === 0 || isOfAll ? (failure ?? error) : error, wasReady);
    }
  }

  #start(socket: Socket): void {
    if (this.#state === "closed") {
      socket.destroy();
      return;
    }
    this.#socket = socket;
    const { target, session, messageBytesMax, passesLongMessages = false } = this.#settings;
    const login = createLogin(target, channelOf(socket, target));
    const onMessage: OnMessage = (type, bytes, start, end) => {
      if (type === AUTHENTICATION) {
        const answer = login.answer(bytes.subarray(start, end));
        if (answer) socket.write(answer);
      } else this.#receive(type, bytes, start, end);
    };
    const read = createReader(onMessage, messageBytesMax, (error) => {
      if (!passesLongMessages || this.#jobs.length === 0) throw error;
      this.#failure = error;
    });
    socket.on("data", (chunk: Buffer) => {
      try {
        read(chunk);
      } catch (error) {
        this.destroy(error);
      }
    });
    socket.on("error", (error) => this.destroy(error));
    socket.on("close", () => this.destroy(new Error("the connection was lost")));
    socket.write(startup({ user: target.user, database: target.database, ...session }));
  }

  #receive(type: number, bytes: Buffer, start: number, end: number): void {
    switch (type) {
      case DATA_ROW:
        if (this.#ahead === 0 && this.#jobs[0]) this.#rows.push(readRow(bytes, start, this.#jobs[0].order.form));
        break;
      case COMPLETE:
        if (this.#ahead > 0) this.#ahead -= 1;
        break;
      case PARSED:
        this.#sent.parsed();
        break;
      case READY:
        this.#transaction = bytes[start] ?? IDLE;
        this.#finish();
        break;
      case ERROR: {
        const failure = readError(bytes, start, end);
        this.#failure = failure;
        if (failure.severity !== "ERROR") this.destroy(failure);
        break;
      }
      case BACKEND_KEY:
        this.#key = { processId: bytes.readInt32BE(start), secret: bytes.readInt32BE(start + 4) };
        break;
      case COPY_IN:
        // No statement of ours asks for one.
        this.#socket?.write(COPY_REFUSED);
        break;
      default:
      // Notices, parameters of the session and acknowledgements change nothing.
    }
  }

  #send(jobs: readonly Job[]): void {
    this.#socket?.write(this.#sent.message(jobs.map(({ order }) => order)));
  }

  /** The answers to the first job come next. */
  #begin(): void {
    this.#rows = [];
    this.#failure = undefined;
    this.#ahead = this.#jobs[0]?.order.before?.length ?? 0;
  }

  #finish(): void {
    if (this.#state === "login") {
      this.#state = "ready";
      clearTimeout(this.#loginTimer);
      if (this.#jobs.length > 0) this.#send(this.#jobs);
      return;
    }
    const job = this.#jobs.shift();
    if (!job) return;
    const [rows, error] = [this.#rows, this.#failure];
    this.#sent.synced();
    this.#begin();
    const { done } = job.order;
    if (error === undefined) {
      done(rows);
      return;
    }
    if (error instanceof ServerError && isStale(error)) {
      this.#sent.forget(job.order);
      if (job.mayRetry && this.#transaction === IDLE) {
        this.#again(job);
        return;
      }
    }
    done(undefined, error);
  }

  /** Behind what was sent meanwhile. */
  #again(job: Job): void {
    job.mayRetry = false;
    this.#jobs.push(job);
    if (this.#jobs.length === 1) this.#begin();
    this.#send([job]);
  }
}
