/** `fraiseql workers` as a process, in a folder with an artifact, a configuration and one rule that calls a receiver. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import postgres from "postgres";
import { compileDatabase } from "../../src/compose/compile-database.ts";
import { startCommand, workplace } from "../cli/command-line.ts";
import { linesOf } from "../support/lines-of.ts";
import { runSql, testDatabase } from "../support/postgres.ts";
import { startReceiver } from "../support/webhook-receiver.ts";

const PAGE = readFileSync(join(import.meta.dir, "..", "..", "docs", "operating", "workers.md"), "utf8");
/** What the page says is to be called, in its order. */
const COMMANDS = (/^```sh\n(.*?)^```/ms.exec(PAGE)?.[1] ?? "")
  .trim()
  .split("\n")
  .map((line) => line.replace(/^npx bun run fraiseql /, "").split(" "));
const [PREPARATIONS, START] = [COMMANDS.slice(0, -1), COMMANDS.at(-1) ?? []];

/** What `/health/ready` says while every part can be asked. */
type Ready = {
  readonly outbox: { readonly waiting: number; readonly lagMs: number };
  readonly bus: { readonly pending: number };
  readonly deliveries: { readonly open: number };
};

export type WorkerProcess = {
  readonly url: string;
  readonly parts: readonly string[];
  /** Lines of JSON, as they were written. */
  readonly lines: string[];
  readonly exited: Promise<number>;
  ready(): Promise<Ready>;
  kill(signal: "SIGKILL" | "SIGTERM"): Promise<number>;
};

/**
 * @param settings TOML beside what the world needs
 * @param workers more of the section `workers`
 */
export async function workerWorld(name: string, settings = "", workers = "") {
  const database = await testDatabase(name, "create table public.city (id int primary key, name text)");
  const place = await workplace(database.url);
  const receiver = await startReceiver();
  await place.write("schema.compiled.json", (await compileDatabase(database.url)).artifact);
  const toml = `[workers]\nport = 0\n${workers}\n[webhooks]\nallowedNetworks = ["127.0.0.0/8"]\n${settings}`;
  await place.write("fraiseql.toml", toml);
  const action = { kind: "webhook", url: `http://127.0.0.1:${receiver.port}/{{ new.id }}` };
  const retry = { attemptsMax: 5, backoff: { kind: "fixed", delayMs: 50 }, jitter: 0 };
  const rule = { name: "made", entity: "City", operations: ["insert"], actions: [action], retry };
  await place.write("rules.ts", `export const rules = ${JSON.stringify([rule])};\n`);
  for (const args of PREPARATIONS) {
    const { code, out, err } = await place.run(...args);
    if (code !== 0) throw new Error(`${args.join(" ")}: ${out}${err}`);
  }
  const watcher = postgres(database.url, { max: 1 });
  const started: WorkerProcess[] = [];
  return {
    ...{ database, place, receiver },
    sql: (text: string) => runSql(database.url, text),
    /** No worker holds the relay, a shard, or anything else. */
    async isFreeOfLeases(): Promise<boolean> {
      const held = await watcher`select from fraiseql.leases where expires_at > now()`;
      return held.length === 0;
    },
    /** No worker has a connection to PostgreSQL: what it had sent there is done or undone. */
    async isFreeOfSessions(): Promise<boolean> {
      const open = await watcher`
        select from pg_stat_activity where datname = current_database() and application_name = 'fraiseql-workers'`;
      return open.length === 0;
    },
    async start(...args: string[]): Promise<WorkerProcess> {
      const child = startCommand(place.folder, database.url, [...START, ...args]);
      const lines: string[] = [];
      const reading = (async () => {
        for await (const line of linesOf(child.stderr)) lines.push(line);
      })();
      const { value } = await child.stdout.getReader().read();
      if (value === undefined) {
        await reading;
        throw new Error(lines.join("\n"));
      }
      const { url, parts } = JSON.parse(new TextDecoder().decode(value)) as { url: string; parts: string[] };
      const kill = async (signal: "SIGKILL" | "SIGTERM") => {
        child.kill(signal);
        const code = await child.exited;
        await reading;
        return code;
      };
      const ready = async () => (await (await fetch(`${url}/health/ready`)).json()) as Ready;
      const one = { url, parts, lines, exited: child.exited, ready, kill };
      started.push(one);
      return one;
    },
    async close() {
      for (const one of started) await one.kill("SIGKILL");
      await receiver.stop();
      await watcher.end();
      await place.remove();
      await database.drop();
    },
  };
}
