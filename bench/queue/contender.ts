/** What both queues are asked to do. */
export type Contender = {
  readonly name: string;
  /** Enqueues jobs `from` to before `to`, one call each and each awaited, or all in one call. */
  enqueueOne(n: number): Promise<unknown>;
  enqueueMany(from: number, to: number): Promise<unknown>;
  /** Runs jobs that do nothing, 100 at the same time, until so many are completed; resolves with the seconds it took. */
  process(count: number): Promise<number>;
  /** Milliseconds from asking for a job until it runs, for jobs that come one by one to an idle worker. */
  pickUps(count: number): Promise<readonly number[]>;
  clear(): Promise<void>;
  close(): Promise<void>;
};

export const CONCURRENCY = 100;
export const ORGS = 100;

/** 200 bytes, as both get it. */
export const PAYLOAD = { text: "x".repeat(189) };

/** Between two jobs of `pickUps`: longer than either needs to become idle, and never in step with a poll. */
export const betweenMs = (n: number): number => 7 + ((n * 7_919) % 13);

export const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
