/**
 * One connection for bulk results, for one life: it is never reopened, a lost one is replaced by its pool. All it does
 * is pull: it asks the queue of what has come for the next message, and nothing is read from the server faster than that.
 */
import { Buffer } from "node:buffer";
import { FraiseqlError } from "../../../core/errors.ts";
import type { BulkColumn } from "../../../ports/bulk-reader.ts";
import type { Statement } from "../../../ports/database.ts";
import { cancelStatement } from "../connection/cancel-statement.ts";
import { isStale } from "../connection/error.ts";
import { createLogin } from "../connection/login.ts";
import {
  AUTHENTICATION,
  BACKEND_KEY,
  BOUND,
  CLOSED,
  COMPLETE,
  DATA_ROW,
  ERROR,
  NO_DATA,
  PARSED,
  READY,
  ROW_DESCRIPTION,
} from "../connection/message-types.ts";
import { createPreparedStatements } from "../connection/prepared-statements.ts";
import type { ConnectionSettings } from "../connection/settings.ts";
import { stepsMessage } from "../connection/statement-messages.ts";
import { AS_BINARY, message, startup, TERMINATE } from "../connection/wire-messages.ts";
import { readError, ServerError } from "../connection/wire-reader.ts";
import { notTheProtocol, type Segment } from "./message-cutter.ts";
import { readRowDescription } from "./row-description.ts";
import { createSegmentQueue } from "./segment-queue.ts";
import type { OpenWire, Wire } from "./wire.ts";

export class BulkConnection {
  readonly #settings: ConnectionSettings;
  readonly #onClosed: () => void;
  readonly #prepared = createPreparedStatements();
  readonly #opening = new AbortController();
  readonly #queue = createSegmentQueue({
    pause: () => this.#wire?.pause(),
    resume: () => this.#wire?.resume(),
    free: (memory) => this.#wire?.free?.(memory),
  });
  readonly #ready: Promise<void>;
  #wire: Wire | undefined;
  #key: { readonly processId: number; readonly secret: number } | undefined;
  /** Texts that were prepared in the transaction that is open. */
  #preparedInside: Set<string> | undefined;
  #isReady = false;
  #isRunning = false;
  #isClosed = false;

  /** @param onClosed - called once when the connection is gone, for whatever reason */
  constructor(settings: ConnectionSettings, openWire: OpenWire, onClosed: () => void) {
    this.#settings = settings;
    this.#onClosed = onClosed;
    this.#ready = this.#logIn(openWire);
    // Whoever runs a statement awaits it; nobody may be there yet.
    this.#ready.catch(() => undefined);
  }

  /** Sends a statement and waits for the description of its columns. It runs until `read` gave undefined or rejected. */
  async start({ text, values }: Statement): Promise<readonly BulkColumn[]> {
    await this.#ready;
    if (this.#isRunning) throw new TypeError("a connection runs one statement at a time");
    if (this.#preparedInside?.has(text) === false) {
      this.#prepared.forget(text);
      this.#preparedInside.add(text);
    }
    for (let isRetry = false; ; isRetry = true) {
      this.#isRunning = true;
      const { name, before } = this.#prepared.nameOf(text);
      this.#send([stepsMessage([{ name, before, values, results: AS_BINARY }])]);
      const answer = await this.#description();
      if (!(answer instanceof ServerError)) return answer;
      if (isRetry || !isStale(answer)) throw answer;
      this.#prepared.forget(text);
    }
  }

  /** Whole `DataRow` messages, valid until the next call; undefined when the statement is complete and the connection free. */
  async read(): Promise<Buffer | undefined> {
    const { type, bytes } = await this.#queue.next();
    if (type === DATA_ROW) return bytes;
    if (type === ERROR) throw await this.#failed(bytes);
    if (type !== COMPLETE) throw notTheProtocol("a result holds a message that is no row");
    const last = await this.#queue.next();
    // What a statement leaves to its end can still fail then.
    if (last.type === ERROR) throw await this.#failed(last.bytes);
    if (last.type !== READY) throw notTheProtocol("a complete statement is followed by something");
    this.#isRunning = false;
    return undefined;
  }

  /**
   * Runs what begins a transaction. In it a statement cannot be sent again where the server no longer has it as it was, so each is
   * prepared anew; what is locked stays as it is then.
   */
  begin(text: string): Promise<void> {
    this.#preparedInside = new Set();
    return this.#command(text);
  }

  commit(): Promise<void> {
    this.#preparedInside = undefined;
    return this.#command("commit");
  }

  async #command(text: string): Promise<void> {
    await this.#ready;
    if (this.#isRunning) throw new TypeError("a connection runs one statement at a time");
    this.#isRunning = true;
    this.#send([message("Q", `${text}\0`)]);
    for (;;) {
      const { type, bytes } = await this.#queue.next();
      if (type === ERROR) throw await this.#failed(bytes);
      if (type === READY) break;
      if (type !== COMPLETE) throw notTheProtocol("a command is answered with something else");
    }
    this.#isRunning = false;
  }

  /** Asks the server, over a second connection, to stop the running statement; resolves when it has been told. */
  async cancel(): Promise<void> {
    const { target, connectTimeoutMs } = this.#settings;
    if (this.#key && this.#isRunning) await cancelStatement(target, this.#key, connectTimeoutMs);
  }

  /** Whoever waits for the server is rejected with `error`, and nothing more is read; the server keeps the connection. */
  abandon(error: unknown): void {
    this.#queue.discard(error);
    this.#wire?.pause();
  }

  destroy(error: unknown): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#opening.abort();
    this.#queue.end(error);
    if (this.#isReady && !this.#isRunning) this.#wire?.end(TERMINATE);
    else this.#wire?.destroy();
    this.#onClosed();
  }

  async #logIn(openWire: OpenWire): Promise<void> {
    const late = setTimeout(() => this.destroy(new Error("no login in time")), this.#settings.connectTimeoutMs);
    const events = {
      onData: (chunk: Buffer) => this.#queue.push(chunk),
      onClosed: (error: Error) => this.destroy(error),
    };
    try {
      const wire = await openWire(this.#settings.target, events, this.#opening.signal);
      this.#wire = wire;
      if (this.#isClosed) wire.destroy();
      else await this.#authenticate(wire);
      this.#isReady = true;
    } catch (error) {
      this.destroy(error);
      throw error;
    } finally {
      clearTimeout(late);
    }
  }

  async #authenticate(wire: Wire): Promise<void> {
    const { target, session } = this.#settings;
    const login = createLogin(target, wire.channel);
    this.#send([startup({ user: target.user, database: target.database, ...session })]);
    for (;;) {
      const { type, bytes } = await this.#queue.next();
      if (type === READY) return;
      if (type === ERROR) throw readError(bytes, 0, bytes.length);
      if (type === BACKEND_KEY && bytes.length === 8) {
        this.#key = { processId: bytes.readInt32BE(0), secret: bytes.readInt32BE(4) };
      } else if (type === AUTHENTICATION && bytes.length >= 4) {
        const answer = login.answer(bytes);
        if (answer) this.#send([answer]);
      } else throw notTheProtocol("a login holds a message of another kind");
    }
  }

  #send(messages: readonly Buffer[]): void {
    this.#wire?.write(messages.length === 1 ? (messages[0] as Buffer) : Buffer.concat(messages));
  }

  async #description(): Promise<readonly BulkColumn[] | ServerError> {
    for (;;) {
      const { type, bytes } = await this.#queue.next();
      if (type === ROW_DESCRIPTION) return readRowDescription(bytes);
      if (type === ERROR) return this.#failed(bytes);
      if (type === NO_DATA) throw new FraiseqlError("INTERNAL_ERROR", "The statement has no result to read.");
      if (type !== PARSED && type !== BOUND && type !== CLOSED) {
        throw notTheProtocol("a statement is answered with something else");
      }
    }
  }

  /** Reads on to where the connection is free again, unless the error is one after which it never is. */
  async #failed(body: Buffer): Promise<ServerError> {
    const error = readError(body, 0, body.length);
    if (error.severity !== "ERROR") return error;
    const after: Segment = await this.#queue.next();
    if (after.type !== READY) throw notTheProtocol("an error is followed by something");
    this.#isRunning = false;
    return error;
  }
}
