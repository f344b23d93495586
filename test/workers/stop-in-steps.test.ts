/** A worker that is told to stop stops, whatever its stores do. */
import { expect, test } from "bun:test";
import { stopInSteps } from "../../src/compose/stop-in-steps.ts";

test("a step that never ends or fails is told, and the next is done", async () => {
  const told: string[] = [];
  const done: string[] = [];
  await stopInSteps(
    [
      { name: "bus", milliseconds: 5, run: () => new Promise(() => {}) },
      { name: "queue", run: async () => Promise.reject(new Error("It is away.")) },
      { name: "sql", run: async () => void done.push("sql") },
    ],
    ({ message, cause }) => void told.push(`${message}: ${(cause as Error).message}`),
  );
  expect(told).toEqual([
    "A step of stopping failed: bus: It did not end in 5 ms.",
    "A step of stopping failed: queue: It is away.",
  ]);
  expect(done).toEqual(["sql"]);
});
