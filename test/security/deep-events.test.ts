/** A row that no reader of events takes must not keep the events after it from being decided on. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { openOutbox } from "../../src/adapters/postgres/outbox/outbox.ts";
import { compileDatabase } from "../../src/compose/compile-database.ts";
import { openWorkers } from "../../src/compose/workers.ts";
import { loadConfig } from "../../src/config/load-config.ts";
import type { Observation } from "../../src/core/observation.ts";
import { type MigratedDatabase, migratedDatabase } from "../support/migrated.ts";

let home: MigratedDatabase;
beforeAll(async () => {
  home = await migratedDatabase("deep_events");
  await home.sql.unsafe(`
    create table public.note (id int primary key, data jsonb, text text);
    select fraiseql.capture('public.note');`);
});
afterAll(() => home.drop());

const LEVELS = 600;
const DEEP = `${"[".repeat(LEVELS)}12345678901234567890${"]".repeat(LEVELS)}`;

test("one whose JSON is too deep to be read is refused, on the bus or too large for it, and those behind it decided on", async () => {
  const { artifact } = await compileDatabase(home.url);
  const config = loadConfig({ env: { DATABASE_URL: home.url } });
  const decided = Promise.withResolvers<void>();
  const seen: Observation[] = [];
  const observe = (observation: Observation) => {
    seen.push(observation);
    if (observation.kind === "event-decided" && observation.eventId.endsWith(":3")) decided.resolve();
    if (observation.kind === "part-failed") decided.reject(observation.error);
  };
  await home.sql`insert into public.note values (1, ${DEEP}::text::jsonb, 'short')`;
  await home.sql`insert into public.note values (2, ${DEEP}::text::jsonb, repeat('long', 100000))`;
  await home.sql`insert into public.note values (3, '1', 'plain')`;
  const workers = await openWorkers({ config, environment: {}, artifact, log: () => {}, observe });
  const stop = new AbortController();
  const running = workers.run(new Set(["relay", "dispatcher"]), stop.signal);
  try {
    await decided.promise;
  } finally {
    stop.abort();
    await running;
    await workers.close();
  }
  const refused = seen.filter(({ kind }) => kind === "event-refused");
  expect(refused.map((one) => one.kind === "event-refused" && [one.eventId.slice(-2), one.reason])).toEqual([
    [":1", "JSON is nested deeper than 512"],
    [":2", "the rows of the event nest too deep"],
  ]);
}, 30_000);

test("operators see it among the others, without its rows", async () => {
  const outbox = openOutbox(home.sql);
  const events = await outbox.latest({ limit: 10 });
  expect(events.map(({ key, spilled, after }) => [key, spilled, after?.["text"]])).toEqual([
    ["[3]", false, "plain"],
    ["[2]", true, undefined],
    ["[1]", true, undefined],
  ]);
  expect(await outbox.event(events[1]?.id ?? "")).toMatchObject({
    key: "[2]",
    spilled: true,
    before: null,
    after: null,
  });
});
