/** Commands of other programs, passed on to a Redis: what a gateway stands in front of. */

/** A text is bytes, one in each character (Latin-1): what others keep in Redis need not be UTF-8. */
export type CommandValue = string | number | null | readonly CommandValue[];

export type CommandAnswer = { readonly result: CommandValue } | { readonly error: string };

/**
 * Rejects with QUEUE_UNAVAILABLE where Redis is away or its answer was lost; nothing is sent twice. Of answers that are
 * together too long to be held, those that do not fit are errors; their commands were run.
 */
export interface RedisCommands {
  /** One after the other, with those of others between them. Commands are texts, sent as UTF-8. */
  run(commands: readonly (readonly string[])[]): Promise<readonly CommandAnswer[]>;
  /** All as one step (MULTI and EXEC), or the one error for which none of them was run. */
  transaction(commands: readonly (readonly string[])[]): Promise<readonly CommandAnswer[] | { readonly error: string }>;
  close(): Promise<void>;
}
