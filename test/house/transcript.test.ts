/** The transcript of the README, from a change to an action, typed into a shell: on PostgreSQL alone, and on NATS and Redis. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NATS_MISSING, startNats } from "../support/nats-server.ts";
import { endStarted, npmStart } from "../support/npm-start.ts";
import { readmeBlocks } from "../support/readme.ts";
import { REDIS_MISSING, startRedis } from "../support/redis-server.ts";

const ROOT = join(import.meta.dir, "..", "..");
const EVENT = "441781e2f0d7:1";
const PATIENCE_MS = 30_000;

type Step = { readonly command: string; readonly output: string };

/** The commands of the README's console with what they print. */
function steps(): readonly Step[] {
  const console = readmeBlocks().find(({ language }) => language === "console");
  const parts = (console?.text ?? "").split(/^\$ /m).slice(1);
  return parts.map((part) => {
    const [command = "", ...output] = part.split("\n");
    return { command, output: output.join("\n").trim() };
  });
}

/** One shell for all commands, so that what one sets the next has. */
function openShell() {
  // Whoever types this sees both streams.
  const typed = ["bash", "-c", "exec bash 2>&1"];
  const shell = Bun.spawn(typed, { cwd: ROOT, stdin: "pipe", stdout: "pipe", stderr: "inherit", detached: true });
  const reader = shell.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let printed = "";
  return {
    async run(command: string): Promise<string> {
      shell.stdin.write(`${command}\necho "end of command"\n`);
      shell.stdin.flush();
      for (;;) {
        const end = printed.indexOf("end of command\n");
        if (end >= 0) {
          const output = printed.slice(0, end);
          printed = printed.slice(end + "end of command\n".length);
          return output.trim();
        }
        const { value, done } = await reader.read();
        if (done) throw new Error(`the shell ended: ${printed}`);
        printed += value;
      }
    },
    end: () => process.kill(-shell.pid, "SIGKILL"),
  };
}

/** Without what is another each time: times and how long things took. */
function steady(text: string): string {
  return text.replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "TIME").replaceAll(/\b\d+ ms\b/g, "N ms");
}

/** Commands that only look may be typed again until what they show has come about. */
const LOOKS = /^(cat|npx bun run fraiseql (events (tail|show)|dead-letters show|jobs list))/;

async function play(state: string, env: Record<string, string>): Promise<void> {
  const server = await npmStart({ directory: state, env });
  const shell = openShell();
  let event = EVENT;
  try {
    for (const { command, output } of steps()) {
      const typed = command
        .replaceAll(".fraiseql/settings", `'${state}/settings'`)
        .replaceAll("received.log", `'${state}/received.log'`)
        .replaceAll("http://127.0.0.1:8000", server.url)
        .replaceAll(EVENT, event);
      const giveUpAt = Date.now() + PATIENCE_MS;
      let printed = "";
      do {
        printed = await shell.run(typed);
        if (command.includes("events tail")) event = printed.split(" ")[0] || event;
      } while (
        steady(printed) !== steady(output.replaceAll(EVENT, event)) &&
        LOOKS.test(command) &&
        Date.now() < giveUpAt
      );
      expect({ command, printed: steady(printed) }).toEqual({
        command,
        printed: steady(output.replaceAll(EVENT, event)),
      });
    }
  } finally {
    shell.end();
  }
}

let base: string;
beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), "fraiseql transcript "));
  await chmod(base, 0o711);
});
afterAll(() => rm(base, { recursive: true, force: true }));
afterEach(endStarted);

test("from a change to an action, on PostgreSQL alone", () => play(join(base, "embedded"), {}), 150_000);

describe.skipIf(NATS_MISSING !== undefined || REDIS_MISSING !== undefined)("with real servers", () => {
  test("from a change to an action, on NATS and Redis", async () => {
    const [nats, redis] = await Promise.all([startNats(), startRedis()]);
    try {
      await play(join(base, "real"), { NATS_URL: nats.url, REDIS_URL: redis.url });
    } finally {
      await Promise.all([nats.stop(), redis.stop()]);
    }
  }, 150_000);
});
