/** The commands of docs/guides/events.md give what the page shows. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { openPostgresBus } from "../../src/adapters/postgres/bus/event-bus.ts";
import { openLeases } from "../../src/adapters/postgres/leases/leases.ts";
import { openChangeFeed } from "../../src/adapters/postgres/outbox/change-feed.ts";
import { openOutbox } from "../../src/adapters/postgres/outbox/outbox.ts";
import { openWorkerSql } from "../../src/adapters/postgres/worker/worker-sql.ts";
import { realWait } from "../../src/adapters/timers/wait.ts";
import { relayChanges } from "../../src/flows/events/publish-changes.ts";
import type { BusMessage, EventBus } from "../../src/ports/event-bus.ts";
import { seen } from "../contract/contract.ts";
import { runSql, type TestDatabase, testDatabase } from "../support/postgres.ts";
import { type Workplace, workplace } from "./command-line.ts";

const GUIDE = readFileSync(join(import.meta.dir, "..", "..", "docs", "guides", "events.md"), "utf8");
const [CREATE = "", CHANGE = "", CONTEXT = ""] = [...GUIDE.matchAll(/^```sql\n(.*?)^```\n/gms)].map(([, text]) => text);
/** Each command with the output that stands right behind it. */
const COMMANDS = [
  ...GUIDE.matchAll(
    /^```sh\n(?:FRAISEQL_EVENTS_TABLES=\S+ )?npx bun run fraiseql (.*?)\n```\n(?:\n```text\n(.*?)^```\n)?/gms,
  ),
];
const [DRY_RUN, MIGRATE, TAIL, SHOW] = COMMANDS.map(([, command = "", output = ""]) => ({
  args: command.split(" "),
  output,
}));

let database: TestDatabase;
let at: Workplace;
beforeAll(async () => {
  database = await testDatabase("events_guide", CREATE);
  at = await workplace(database.url);
  const [, toml = ""] = /^```toml\n(.*?)^```\n/ms.exec(GUIDE) ?? [];
  expect(toml).toContain("[events]");
  await at.write("fraiseql.toml", '[events]\ntables = ["public.city"]\n');
});
afterAll(async () => {
  await at.remove();
  await database.drop();
});

/** Publishes until all is published, to the bus in PostgreSQL or to one that is nowhere. */
async function relay(elsewhere = false): Promise<void> {
  const sql = openWorkerSql({ url: database.url, connectionsMax: 3, connectTimeoutMs: 5_000, name: "test" });
  const over = new AbortController();
  let sequence = 0;
  const nowhere = {
    publish: async (messages: readonly BusMessage[]) => (sequence += messages.length),
    state: async () => ({ incarnation: "nowhere", lastSequence: sequence }),
  } as unknown as EventBus;
  const own = openPostgresBus({ sql, wait: realWait });
  const bus = elsewhere ? nowhere : own;
  const parts = { feed: openChangeFeed(sql), leases: openLeases(sql), bus, wait: realWait, observe: () => {} };
  const relaying = relayChanges(parts, { holder: "test", retentionMs: 1e9, signal: over.signal });
  const outbox = openOutbox(sql);
  await seen("all published", async () => (await outbox.state()).waiting === 0);
  over.abort();
  await relaying;
  await own.close();
  await sql.end();
}

/** Ids and times are of the moment. */
const steady = (text: string) =>
  text
    .replaceAll(/[0-9a-f]{12}:/g, "8c5b0e41f2d7:")
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z/g, "2026-01-02T03:04:05.678901Z");

test("the guide's commands do what it says", async () => {
  expect(COMMANDS).toHaveLength(4);
  expect((await at.run(...(DRY_RUN?.args ?? []))).out).toBe(DRY_RUN?.output as string);
  expect(await at.run("migrate", "--check")).toMatchObject({ code: 1 });
  expect(await at.run(...(MIGRATE?.args ?? []))).toMatchObject({ code: 0 });
  expect(await at.run("migrate", "--check")).toEqual({ code: 0, out: "Everything is in place.\n", err: "" });

  await runSql(database.url, CHANGE);
  expect((await at.run(...(TAIL?.args ?? []))).out).toBe("");
  await relay();
  const tail = await at.run(...(TAIL?.args ?? []));
  expect(steady(tail.out)).toBe(TAIL?.output as string);
  const id = tail.out.split("\n")[2]?.split(" ")[0] ?? "";
  const shown = await at.run("events", "show", id);
  expect(steady(shown.out)).toBe(SHOW?.output as string);

  await runSql(database.url, CONTEXT);
  await relay();
  const last = await at.run("events", "tail", "--once", "--last", "1", "--json");
  expect(JSON.parse(last.out)).toMatchObject({ org: "acme", actor: "ann", after: { population: 290_600 } });
}, 60_000);

test("what is asked wrongly is refused, and an event that is not there is told", async () => {
  expect(await at.run("events", "show", "8c5b0e41f2d7:99")).toEqual({
    code: 1,
    out: "",
    err: "8c5b0e41f2d7:99 is not in the outbox, or not any more.\n",
  });
  expect(await at.run("events", "tail", "--last", "many")).toMatchObject({ code: 2 });
  expect(await at.run("events", "watch")).toMatchObject({ code: 2 });
  expect(await at.run("migrate", "--check", "--uninstall")).toMatchObject({ code: 2 });
}, 60_000);

test("an event is put on the bus again, each time under another id; what was refused is listed", async () => {
  const [id = ""] = (await at.run("events", "tail", "--once", "--last", "1")).out.split(" ");
  expect(await at.run("events", "replay", id)).toEqual({ code: 0, out: "1 event is on the bus again.\n", err: "" });
  expect(await at.run("events", "replay", id, `${id}0`)).toMatchObject({
    code: 1,
    out: "1 event is on the bus again.\n",
  });
  const all = await at.run("events", "replay", "--table", "public.city", "--since", "2026-01-01T00:00:00Z", "--json");
  expect(JSON.parse(all.out)).toEqual({ published: 5, unknown: [] });
  expect(await at.run("events", "replay")).toMatchObject({ code: 2 });
  expect(await at.run("events", "replay", "--since", "yesterday")).toMatchObject({ code: 2 });
  expect(await at.run("events", "refused")).toEqual({ code: 0, out: "", err: "" });
}, 60_000);

test("where the relay publishes to another bus than the command has, nothing is published, and what to set is told", async () => {
  await runSql(database.url, "insert into city values (3, 'Aalborg', 120000)");
  await relay(true);
  const [id = ""] = (await at.run("events", "tail", "--once", "--last", "1")).out.split(" ");
  for (const args of [["replay", id], ["refused"]]) {
    const { code, out, err } = await at.run("events", ...args);
    expect([args[0], code, out, err]).toEqual([args[0], 2, "", expect.stringMatching(/^CONFIG_INVALID: .*NATS_URL/)]);
  }
  expect((await at.run("events", "show", id)).out).not.toContain("replay");
}, 60_000);

test("a bus that cannot be reached is told with what is behind it, but not with its password", async () => {
  const settings = await at.read("fraiseql.toml");
  await at.write("fraiseql.toml", '[nats]\nurl = "ws://ann:secret@127.0.0.1:1"\n');
  const { code, err } = await at.run("events", "refused");
  await at.write("fraiseql.toml", settings);
  expect([code, err]).toEqual([2, expect.stringMatching(/^BUS_UNAVAILABLE: .*\n {2}cause: .*127\.0\.0\.1:1.*\n$/)]);
  expect(err).not.toContain("secret");
}, 60_000);

test("uninstall takes it all away", async () => {
  expect((await at.run("migrate", "--uninstall", "--json")).out).toBe('{"uninstalled":true}\n');
  expect(JSON.parse((await at.run("migrate", "--dry-run", "--json")).out)).toMatchObject({ what: "to do" });
}, 60_000);
