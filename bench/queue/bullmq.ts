/** BullMQ as its documentation sets it up: its default client, completed jobs removed so that it has less to keep. */
import { Queue, Worker } from "bullmq";
import { betweenMs, CONCURRENCY, type Contender, PAYLOAD, pause } from "./contender.ts";

const OPTIONS = {
  removeOnComplete: true,
  attempts: 8,
  backoff: { type: "exponential", delay: 1_000 },
} as const;

export function bullmq(port: number): Contender {
  const connection = { host: "127.0.0.1", port };
  const queue = new Queue("bench", { connection });
  queue.on("error", () => {});
  const working = async (worker: Worker, until: Promise<unknown>) => {
    worker.on("error", () => {});
    try {
      await until;
    } finally {
      await worker.close();
    }
  };
  return {
    name: "bullmq",
    enqueueOne: (n) => queue.add("action", PAYLOAD, { ...OPTIONS, jobId: `job-${n}` }),
    enqueueMany: (from, to) =>
      queue.addBulk(
        Array.from({ length: to - from }, (_, n) => ({
          name: "action",
          data: PAYLOAD,
          opts: { ...OPTIONS, jobId: `job-${from + n}` },
        })),
      ),
    process: async (count) => {
      let done = 0;
      const { promise, resolve } = Promise.withResolvers<void>();
      const worker = new Worker("bench", async () => {}, { connection, concurrency: CONCURRENCY, autorun: false });
      worker.on("completed", () => {
        done += 1;
        if (done === count) resolve();
      });
      await worker.waitUntilReady();
      const start = performance.now();
      void worker.run();
      let seconds = 0;
      await working(
        worker,
        promise.then(() => {
          seconds = (performance.now() - start) / 1_000;
        }),
      );
      return seconds;
    },
    pickUps: async (count) => {
      const times: number[] = [];
      let started = Promise.withResolvers<number>();
      const worker = new Worker("bench", async () => started.resolve(performance.now()), { connection });
      await worker.waitUntilReady();
      const all = async () => {
        for (let n = 0; n < count; n += 1) {
          await pause(betweenMs(n));
          started = Promise.withResolvers<number>();
          const asked = performance.now();
          await queue.add("action", PAYLOAD, { ...OPTIONS, jobId: `pick-${n}` });
          times.push((await started.promise) - asked);
        }
      };
      await working(worker, all());
      return times;
    },
    clear: () => queue.obliterate({ force: true }),
    close: () => queue.close(),
  };
}
