/** A commit over GraphQL is told to the relay, seldom and only where there is one. */
import { expect, test } from "bun:test";
import { openDatabaseWriter } from "../../../src/adapters/postgres/database-writer.ts";
import type { WriteStep } from "../../../src/ports/database-writer.ts";
import { migratedDatabase } from "../../support/migrated.ts";

const INSERT = { text: "insert into public.word values ('a') returning word", values: [] };
const insertThen = (commit: boolean) => async (step: WriteStep) => ({ commit, value: await step(INSERT) });

async function listened(name: string) {
  const database = await migratedDatabase(name);
  await database.sql`create table public.word (word text)`;
  let pokes = 0;
  const first = Promise.withResolvers<void>();
  const marked = Promise.withResolvers<number>();
  await database.sql.listen("fraiseql_outbox", (payload) => {
    if (payload === "mark") return marked.resolve(pokes);
    pokes += 1;
    first.resolve();
  });
  const writer = openDatabaseWriter({ url: database.url, connectionsMax: 1 });
  return {
    writer,
    sql: database.sql,
    first: first.promise,
    /** How often it was told before now; asked once. */
    pokes: async () => {
      // On the writer's only connection, so after what it was sending.
      await writer.write({ text: "select pg_notify('fraiseql_outbox', 'mark')::text", values: [] }, {});
      return marked.promise;
    },
    close: async () => {
      await writer.close();
      await database.drop();
    },
  };
}

test("a committed statement and a committed transaction are told", async () => {
  for (const kind of ["statement", "transaction"]) {
    const on = await listened(`pokes_${kind}`);
    if (kind === "statement") await on.writer.write(INSERT, {});
    else await on.writer.transaction({}, insertThen(true));
    await on.first;
    await on.close();
  }
});

test("two hundred commits are told far fewer times", async () => {
  const on = await listened("pokes_many");
  const start = performance.now();
  for (let count = 0; count < 200; count += 1) await on.writer.write(INSERT, {});
  const mostByTime = Math.ceil((performance.now() - start) / 19) + 1;
  const pokes = await on.pokes();
  expect(pokes).toBeGreaterThan(0);
  expect(pokes).toBeLessThanOrEqual(mostByTime);
  await on.close();
});

test("what was rolled back is not told", async () => {
  const on = await listened("pokes_rollback");
  await on.writer.transaction({}, insertThen(false));
  expect(await on.pokes()).toBe(0);
  await on.close();
});

test("a database without the schema fraiseql is told nothing", async () => {
  const on = await listened("pokes_absent");
  await on.sql.unsafe("drop schema fraiseql cascade");
  await on.writer.write(INSERT, {});
  expect(await on.pokes()).toBe(0);
  await on.close();
});
