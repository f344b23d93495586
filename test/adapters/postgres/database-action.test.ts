/** What is special about the action `database`; what every action does is in its contract. */
import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { createDatabaseAction } from "../../../src/adapters/postgres/action/database-action.ts";
import { openLedger } from "../../../src/adapters/postgres/ledger/ledger.ts";
import { actionInput, CITY_EVENT } from "../../support/change-event.ts";
import { type MigratedDatabase, migratedDatabase } from "../../support/migrated.ts";

let database: MigratedDatabase;
beforeAll(async () => {
  database = await migratedDatabase("database_action");
  await database.sql.unsafe(`
    create schema "Odd ""name";
    create table public.calls (id text, payload jsonb, settings jsonb);
    create function public.note(payload jsonb, id text) returns void language sql as $$
      insert into public.calls values (id, payload, (select jsonb_object_agg(name, current_setting('fraiseql.' || name))
        from unnest(array['org', 'actor', 'traceparent', 'cause']) name)) $$;
    create function public.fails(payload jsonb, id text) returns text language plpgsql as $$ begin
      insert into public.calls values (id, payload);
      raise exception using message = 'it said ' || (payload ->> 'state'), errcode = payload ->> 'state';
    end $$;
    create function public.slow(payload jsonb, id text) returns void language plpgsql as $$ begin
      insert into public.calls values (id, payload);
      perform pg_sleep(30);
    end $$;`);
});
afterAll(() => database.drop());
beforeEach(async () => {
  await database.sql`truncate public.calls, fraiseql.action_effects`;
});
const action = () => createDatabaseAction(database.sql);
const calls = () => database.sql<{ id: string; payload: unknown; settings: unknown }[]>`select * from public.calls`;

test("without a payload the function gets the event; what it writes has the event as its cause", async () => {
  expect((await action().run(actionInput({ function: "public.note" }))).kind).toBe("done");
  const [call] = await calls();
  const { traceparent, cause, position, ...payload } = CITY_EVENT;
  expect([traceparent, cause, position]).toBeDefined();
  expect(call?.payload).toEqual(payload);
  expect(call?.settings).toEqual({
    org: "acme",
    actor: "ann",
    traceparent: "00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01",
    cause: "k3x9:17",
  });
});

test("a delivery has one effect, however often and however concurrently it is attempted", async () => {
  const attempts = Array.from({ length: 8 }, (_, at) =>
    action().run(actionInput({ function: "public.note" }, { attempt: at + 1 })),
  );
  expect((await Promise.all(attempts)).map(({ kind }) => kind)).toEqual(Array(8).fill("done"));
  expect((await action().run(actionInput({ function: "public.note" }))).kind).toBe("done");
  expect((await calls()).length).toBe(1);
  await action().run(actionInput({ function: "public.note" }, { id: "k3x9:18:big.city@3:0" }));
  expect((await calls()).length).toBe(2);
});

test("errors that would come again are permanent, others are not; neither leaves anything behind", async () => {
  const kinds = { P0001: "permanent", 23505: "permanent", 23503: "retryable", 22012: "permanent", 40001: "retryable" };
  for (const [state, kind] of Object.entries({
    ...kinds,
    23001: "retryable",
    55006: "retryable",
    57014: "retryable",
    "53100": "retryable",
  })) {
    const payload = JSON.stringify({ state });
    const outcome = await action().run(actionInput({ function: "public.fails", payload }));
    expect<unknown>([state, outcome.kind, "reason" in outcome && outcome.reason]).toEqual([
      state,
      kind,
      `${state}: it said ${state}`,
    ]);
  }
  expect([(await calls()).length, (await database.sql`select from fraiseql.action_effects`).length]).toEqual([0, 0]);
});

test("a function that is not there, or has another form, is permanent", async () => {
  for (const name of ["public.none", "none.note", "public.note(null,null); drop table public.calls; --"]) {
    expect([name, (await action().run(actionInput({ function: name }))).kind]).toEqual([name, "permanent"]);
  }
  expect(action().check({ function: 'a.b"c' }).length).toBe(1);
  expect(await calls()).toEqual([] as never);
});

test("a payload that is no JSON is permanent", async () => {
  expect((await action().run(actionInput({ function: "public.note", payload: "{" }))).kind).toBe("permanent");
});

test("an attempt that is aborted ends in the database too, and leaves nothing behind", async () => {
  const over = new AbortController();
  const running = action().run(actionInput({ function: "public.slow" }, { signal: over.signal }));
  const asleep = () => database.sql`
    select pid from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'`;
  while ((await asleep()).length === 0);
  over.abort(new Error("Stopped."));
  expect((await running).kind).toBe("retryable");
  while ((await asleep()).length > 0);
  expect((await action().run(actionInput({ function: "public.note" }))).kind).toBe("done");
  expect((await calls()).length).toBe(1);
});

test("what was done is forgotten with the delivery, and not before", async () => {
  const { sql } = database;
  await sql`insert into fraiseql.action_effects (id, done_at) select n, now() - interval '8 days' from unnest(array['a', 'b']) n`;
  await sql`insert into fraiseql.action_effects (id) values ('c')`;
  await sql`
    insert into fraiseql.deliveries (id, job, state, event_id, rule_name, rule_version, action_index, action_kind, org)
    values ('a', '{}', 'discarded', 'e', 'r', 1, 0, 'database', '')`;
  await openLedger(sql).prune(Date.now() - 7 * 86_400_000, 100);
  expect((await sql<{ id: string }[]>`select id from fraiseql.action_effects order by id`).map(({ id }) => id)).toEqual(
    ["a", "c"],
  );
});
