type Waiting = {
  readonly shards: number[];
  readonly sequences: number[];
  readonly done: ReturnType<typeof Promise.withResolvers<void>>;
};

export type AckBatches = {
  /** Resolves when it is written. */
  add(shard: number, sequence: number): Promise<void>;
};

/** Acknowledgements that come while one statement runs go together in the next: its cost is that of the round trip. */
export function createAckBatches(
  write: (shards: readonly number[], sequences: readonly number[]) => Promise<void>,
): AckBatches {
  let waiting: Waiting | undefined;
  let isRunning = false;
  const run = async () => {
    isRunning = true;
    while (waiting) {
      const { shards, sequences, done } = waiting;
      waiting = undefined;
      await write(shards, sequences).then(done.resolve, done.reject);
    }
    isRunning = false;
  };
  return {
    add: (shard, sequence) => {
      waiting ??= { shards: [], sequences: [], done: Promise.withResolvers() };
      waiting.shards.push(shard);
      waiting.sequences.push(sequence);
      const { promise } = waiting.done;
      if (!isRunning) queueMicrotask(() => isRunning || run());
      return promise;
    },
  };
}
