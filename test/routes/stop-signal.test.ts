/** A process that is told to stop, once and again: it says by a line how far it is, and goes on by a line it is given. */
import { expect, test } from "bun:test";
import { join } from "node:path";
import { linesOf } from "../support/lines-of.ts";

const STOPPING = `
import { stopSignal } from ${JSON.stringify(join(import.meta.dir, "..", "..", "routes", "stop-signal.ts"))};
let now = 0;
const stopped = stopSignal(() => now);
console.log("serving");
await stopped;
console.log("stopping");
for await (const line of console) {
  if (line === "finish") break;
  now += 1_001;
  console.log("a second later");
}
console.log("finished");
`;

function start() {
  const child = Bun.spawn([process.execPath, "-e", STOPPING], { stdin: "pipe", stdout: "pipe" });
  const lines = linesOf(child.stdout);
  return {
    child,
    line: async () => (await lines.next()).value,
    rest: () => Array.fromAsync(lines),
    write: async (line: string) => {
      child.stdin.write(`${line}\n`);
      await child.stdin.flush();
    },
  };
}

test("one Ctrl-C that arrives by several ways stops it in order", async () => {
  const { child, line, rest, write } = start();
  expect(await line()).toBe("serving");
  child.kill("SIGINT");
  expect(await line()).toBe("stopping");
  child.kill("SIGINT");
  child.kill("SIGTERM");
  await write("finish");
  expect(await rest()).toEqual(["finished"]);
  expect(await child.exited).toBe(0);
});

test.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)("told again a second later by %s, it ends at once", async (signal, code) => {
  const { child, line, rest, write } = start();
  expect(await line()).toBe("serving");
  child.kill("SIGTERM");
  expect(await line()).toBe("stopping");
  await write("wait");
  expect(await line()).toBe("a second later");
  child.kill(signal);
  expect(await child.exited).toBe(code);
  expect(await rest()).toEqual([]);
});
