/** What this folder asks of a Redis, whichever way it is reached: to run a script on the keys below one prefix. */

/** Lua. It takes one key, the prefix of all keys it touches, which holds their hash tag: so one shard holds them. */
export type RedisScript = {
  /** For messages. */
  readonly name: string;
  readonly text: string;
};

/** A failure only within an array: one of the commands of a transaction. */
export type RedisReply = string | number | null | RedisFailure | readonly RedisReply[];

export interface RedisScripts {
  /** One attempt. Rejects with `RedisFailure`. */
  run(script: RedisScript, prefix: string, args: readonly string[]): Promise<RedisReply>;
  close(): Promise<void>;
}

/** What came instead of an answer. Never leaves this folder: ports have errors of their own. */
export class RedisFailure extends Error {
  /**
   * - `unreachable`: the server has not seen the command.
   * - `lost`: it may have run it; the answer did not come.
   * - `refused`: it answered with an error, whose first word is `word`.
   * - `unfit`: this server must not be used; the message says why.
   */
  readonly kind: "unreachable" | "lost" | "refused" | "unfit";
  readonly word: string;

  constructor(kind: RedisFailure["kind"], message: string, options: { word?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "RedisFailure";
    this.kind = kind;
    this.word = options.word ?? "";
  }
}

/** Of an error reply, `OOM command not allowed …`. */
export function refusal(text: string): RedisFailure {
  return new RedisFailure("refused", text, { word: /^[A-Z]{2,}/.exec(text)?.[0] ?? "" });
}
