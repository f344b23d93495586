/** What workers ask of PostgreSQL, and what it is when PostgreSQL goes away. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Sql } from "postgres";
import { openDatabase } from "../../../../src/adapters/postgres/database.ts";
import { listenTo } from "../../../../src/adapters/postgres/worker/notifications.ts";
import { asked, openWorkerSql } from "../../../../src/adapters/postgres/worker/worker-sql.ts";
import { FraiseqlError } from "../../../../src/core/errors.ts";
import type { Database } from "../../../../src/ports/database.ts";
import { type FaultProxy, faultProxy } from "../../../support/fault-proxy.ts";
import { type TestDatabase, testDatabase } from "../../../support/postgres.ts";
import { until, untilSessions } from "../../../support/until.ts";

const SETTINGS = { connectionsMax: 2, connectTimeoutMs: 2_000, name: "fraiseql-test" };

let home: TestDatabase;
let proxy: FaultProxy;
let sql: Sql;
let watcher: Database;
beforeAll(async () => {
  home = await testDatabase("worker_sql", "create table notes (id bigint primary key, body jsonb, at timestamptz)");
  proxy = await faultProxy(home.url);
  sql = openWorkerSql({ ...SETTINGS, url: proxy.url, statementTimeoutMs: 300 });
  watcher = openDatabase({ url: home.url, connectionsMax: 1 });
});
afterAll(async () => {
  await watcher.close();
  await sql.end({ timeout: 1 });
  await proxy.close();
  await home.drop();
});

const failure = async (work: PromiseLike<unknown>): Promise<FraiseqlError> => {
  const error = await asked(async () => await work).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(FraiseqlError);
  return error as FraiseqlError;
};

/** A statement may meet a connection whose end is not known yet; so it may fail, but not for long. */
const answersAgain = async () => {
  for (let tries = 1; ; tries += 1) {
    try {
      return expect([...(await sql`select 1 as one`)]).toEqual([{ one: 1 }]);
    } catch (error) {
      if (tries === 5) throw error;
    }
  }
};

test("lists go there and back", async () => {
  const texts = ["a,b", null, '"{}\\', "NULL", ""];
  const numbers = [1, -2];
  const [row] = await sql`select ${texts}::text[] as texts, ${numbers}::int[] as numbers, ${[]}::uuid[] as none`;
  expect(row).toEqual({ texts, numbers, none: [] });
  expect([...(await sql`select n from generate_series(1, 4) n where n = any(${[2, 3]})`)]).toEqual([
    { n: 2 },
    { n: 3 },
  ]);
});

test("a transaction leaves nothing behind when its work fails, and the error comes out as it was", async () => {
  const work = sql.begin(async (on) => {
    await on`insert into notes values (2, '{}', now())`;
    throw new RangeError("of the caller");
  });
  expect(await work.catch((reason: unknown) => reason)).toEqual(new RangeError("of the caller"));
  expect([...(await sql`select id from notes where id = 2`)]).toEqual([]);
  const twice = sql.begin(async (on) => {
    await on`insert into notes values (3, '{}', now())`;
    await on`insert into notes values (3, '{}', now())`;
  });
  expect([(await failure(twice)).code, (await failure(twice)).details]).toEqual([
    "DATABASE_ERROR",
    { sqlstate: "23505" },
  ]);
  expect([...(await sql`select id from notes where id = 3`)]).toEqual([]);
});

test("what is missing names the command that makes it, and no error shows the statement", async () => {
  const error = await failure(sql`select * from fraiseql.absent`);
  expect([error.code, error.details["sqlstate"]]).toEqual(["DATABASE_ERROR", "42P01"]);
  expect(error.message).toContain("fraiseql migrate");
  expect((await failure(sql`select pg_sleep(5)`)).code).toBe("STATEMENT_TIMEOUT");
});

test("connections that are cut fail what runs, and the next statement has a new one", async () => {
  const patient = openWorkerSql({ ...SETTINGS, url: proxy.url });
  const running = failure(patient`select pg_sleep(600)`);
  await untilSessions(watcher, 1, "wait_event = 'PgSleep'");
  proxy.cut();
  expect((await running).code).toBe("DATABASE_UNAVAILABLE");
  await patient.end({ timeout: 1 });
  await answersAgain();
});

test("connections that are cut 40 times in the midst of transactions are made anew", async () => {
  let isOver = false;
  let done = 0;
  const codes = new Set<string>();
  const inTransaction = () => sql.begin(async (on) => [await on`select 1`, await on`select 2`, await on`select 3`]);
  const load = async (step: () => PromiseLike<unknown>) => {
    while (!isOver) {
      await asked(async () => await step()).then(
        () => (done += 1),
        (error: FraiseqlError) => codes.add(error.code),
      );
    }
  };
  const loads = [load(inTransaction), load(inTransaction), load(() => sql`select 1`), load(() => sql`select 1`)];
  for (let cuts = 0; cuts < 40; cuts += 1) {
    const before = done;
    await until(() => done >= before + 20);
    proxy.cut();
  }
  isOver = true;
  await Promise.all(loads);
  expect([...codes]).toEqual(["DATABASE_UNAVAILABLE"]);
});

test("of more large statements than there are connections every one ends, however often these are cut", async () => {
  const large = { text: "x".repeat(2_000) };
  let isOver = false;
  let done = 0;
  const load = async () => {
    while (!isOver) {
      await sql`select ${sql.json(large)}::jsonb`.then(
        () => (done += 1),
        () => new Promise((resolve) => setImmediate(resolve)),
      );
    }
  };
  const loads = Array.from({ length: 16 }, load);
  for (let cuts = 0; cuts < 40; cuts += 1) {
    const before = done;
    await until(() => done >= before + 20);
    proxy.cut();
  }
  isOver = true;
  await Promise.all(loads);
  await answersAgain();
});

test("a transaction whose connection died while it was about something else can say nothing more", async () => {
  const cut = Promise.withResolvers<void>();
  const late = Promise.withResolvers<FraiseqlError>();
  const transaction = sql.begin(async (on) => {
    await on`select 1`;
    proxy.cut();
    await cut.promise;
    late.resolve(failure(asked(async () => await on`select 2`)));
  });
  expect((await failure(transaction)).code).toBe("DATABASE_UNAVAILABLE");
  cut.resolve();
  expect((await late.promise).code).toBe("DATABASE_UNAVAILABLE");
  await answersAgain();
});

test("a database that refuses is DATABASE_UNAVAILABLE at once, and is back when it takes connections again", async () => {
  await proxy.refuse();
  expect((await failure(sql`select 1`)).code).toBe("DATABASE_UNAVAILABLE");
  expect((await failure(sql.begin((on) => on`select 1`))).code).toBe("DATABASE_UNAVAILABLE");
  await proxy.accept();
  await answersAgain();
});

test("a database that fell silent is given up in bounded time, inside a transaction too", async () => {
  const begun = Promise.withResolvers<void>();
  const frozen = Promise.withResolvers<void>();
  const inside = sql.begin(async (on) => {
    await on`select 1`;
    begun.resolve();
    await frozen.promise;
    await on`select 2`;
  });
  await begun.promise;
  proxy.freeze();
  frozen.resolve();
  expect((await failure(inside)).code).toBe("DATABASE_UNAVAILABLE");
  expect((await failure(sql.begin((on) => on`select 1`))).code).toBe("DATABASE_UNAVAILABLE");
  expect((await failure(sql`select 1`)).code).toBe("DATABASE_UNAVAILABLE");
  proxy.cut();
  proxy.thaw();
  await answersAgain();
}, 15_000);

test("a listener is told when it begins, of each notification, and again after an outage", async () => {
  let told = Promise.withResolvers<string>();
  const end = listenTo(sql, "fraiseql_test", (payload) => told.resolve(payload));
  expect(await told.promise).toBe("");
  told = Promise.withResolvers();
  await sql`select pg_notify('fraiseql_test', 'one')`;
  expect(await told.promise).toBe("one");
  told = Promise.withResolvers();
  proxy.cut();
  expect(await told.promise).toBe("");
  told = Promise.withResolvers();
  await sql`select pg_notify('fraiseql_test', 'two')`;
  expect(await told.promise).toBe("two");
  await end();
});

test("a listener that begins while there is no database is told once there is one", async () => {
  await proxy.refuse();
  const told = Promise.withResolvers<string>();
  const end = listenTo(sql, "fraiseql_later", (payload) => told.resolve(payload));
  await failure(sql`select 1`);
  await proxy.accept();
  expect(await told.promise).toBe("");
  await end();
});

test("closed, it refuses", async () => {
  const other = openWorkerSql({ ...SETTINGS, url: home.url });
  await other`select 1`;
  await other.end({ timeout: 1 });
  expect((await failure(other`select 1`)).code).toBe("DATABASE_UNAVAILABLE");
});
