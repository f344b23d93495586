/** What a writer says of himself may be of any length, and must not keep the events after his from being decided on. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { compileDatabase } from "../../src/compose/compile-database.ts";
import { openWorkers } from "../../src/compose/workers.ts";
import { loadConfig } from "../../src/config/load-config.ts";
import { eventOutcomes } from "../support/event-outcomes.ts";
import { type MigratedDatabase, migratedDatabase } from "../support/migrated.ts";
import { NATS_MISSING, startNats } from "../support/nats-server.ts";

let home: MigratedDatabase;
beforeAll(async () => {
  home = await migratedDatabase("long_origins");
  await home.sql.unsafe(`
    create table public.note (id text primary key, org_id text);
    select fraiseql.capture('public.note');`);
});
afterAll(() => home.drop());

/** Longer than the line in which NATS takes a subject, and than any message it takes. */
const [LINE, MESSAGE] = [5_000, 2_000_000];

test.skipIf(NATS_MISSING !== undefined)(
  "longer orgs, actors, causes, traces and keys than NATS takes are refused",
  async () => {
    const { sql } = home;
    const said = (name: string, value: string, id: string) =>
      sql.begin(async (own) => {
        await own`select set_config(${`fraiseql.${name}`}, ${value}, true)`;
        await own`insert into note values (${id})`;
      });
    await sql`insert into note values ('1', ${"o".repeat(LINE)})`;
    await sql`insert into note values ('2', ${"é".repeat(MESSAGE)})`;
    await said("org", "o".repeat(MESSAGE), "3");
    await said("actor", "a".repeat(MESSAGE), "4");
    await said("cause", "c".repeat(MESSAGE), "5");
    await said("traceparent", "t".repeat(MESSAGE), "6");
    await sql`insert into note values (${"\u0001".repeat(150_000)})`;
    await sql`insert into note values ('8', ${"o".repeat(200)})`;
    await sql`insert into note values ('9', 'plain')`;
    const nats = await startNats();
    try {
      expect(await eventOutcomes(home.url, 9, { NATS_URL: nats.url })).toEqual([
        [1, "the event's org is longer than 200 characters"],
        [2, "the event's org is longer than 200 characters"],
        [3, "the event's org is longer than 200 characters"],
        [4, "the event's actor is longer than 1000 characters"],
        [5, "the event's cause is longer than 1000 characters"],
        [6, "the event's traceparent is longer than 1000 characters"],
        [7, "the event's key is longer than 10000 characters"],
        [8, "decided"],
        [9, "decided"],
      ]);
    } finally {
      await nats.stop();
    }
  },
  60_000,
);

test("operators see such events among the others, their texts cut off where they are too long", async () => {
  const { artifact } = await compileDatabase(home.url);
  const config = loadConfig({ env: { DATABASE_URL: home.url } });
  const { operating, close } = await openWorkers({ config, environment: {}, artifact, log: () => {} });
  const events = await operating.events.latest(9);
  await close();
  expect(events.map(({ org, actor, key }) => [org?.length, actor?.length, key.length])).toEqual([
    [5, undefined, 5],
    [200, undefined, 5],
    [undefined, undefined, 10_001],
    [undefined, undefined, 5],
    [undefined, undefined, 5],
    [undefined, 1_001, 5],
    [201, undefined, 5],
    [201, undefined, 5],
    [201, undefined, 5],
  ]);
});
