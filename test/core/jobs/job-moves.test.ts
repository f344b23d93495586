/** The page on jobs draws the states as the code has them. */
import { expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { JOB_STATES } from "../../../src/core/jobs/job.ts";
import { isEnded, JOB_MOVES } from "../../../src/core/jobs/job-moves.ts";

const page = await readFile(join(import.meta.dir, "../../../docs/reference/jobs.md"), "utf8");

test("the drawing has every move and no other", () => {
  const drawn = [...page.matchAll(/^ {2}(\S+) --> (\S+): (.+)$/gm)].map(([, from, to, by]) => `${from} ${to} ${by}`);
  const moves = JOB_MOVES.map(({ from, to, by }) => `${from === "new" ? "[*]" : from} ${to} ${by}`);
  expect(drawn.toSorted()).toEqual(moves.toSorted());
});

test("the table has every state", () => {
  const states = [...page.matchAll(/^\| `([a-z]+)` \| [A-Z]/gm)].map(([, state]) => state);
  expect(states as string[]).toEqual([...JOB_STATES]);
});

test("a state is an end where no move leads out of it, and every other state leads on", () => {
  for (const state of JOB_STATES) expect(JOB_MOVES.some(({ from }) => from === state)).toBe(!isEnded(state));
});
