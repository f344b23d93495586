/** Statements that PostgreSQL cannot prepare: each is refused for what is wrong with it, however many are on their way. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { Connection, type Order } from "../../../src/adapters/postgres/connection/connection.ts";
import { connectionSettings } from "../../../src/adapters/postgres/connection/settings.ts";
import { ServerError } from "../../../src/adapters/postgres/connection/wire-reader.ts";
import { openDatabaseWriter } from "../../../src/adapters/postgres/database-writer.ts";
import type { Statement } from "../../../src/ports/database.ts";
import { failureOf } from "../../support/failure-of.ts";
import { runSql, type TestDatabase, testDatabase } from "../../support/postgres.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase("unprepared_statements");
});
afterAll(() => database.drop());

const select = (text: string): Statement => ({ text, values: [] });

/** What becomes of statements that go out in one piece: their first values, or the states of their errors. */
function together(connection: Connection, orders: readonly Pick<Order, "statement" | "before">[]) {
  const answers = orders.map(() => Promise.withResolvers<unknown>());
  const running = orders.map((order, place): Order => {
    const done: Order["done"] = (rows, error) =>
      answers[place]?.resolve(rows ? rows[0]?.[0] : error instanceof ServerError ? error.sqlstate : error);
    return { ...order, form: "text", done };
  });
  connection.run(running);
  return Promise.all(answers.map(({ promise }) => promise));
}

async function connected(work: (connection: Connection) => Promise<void>): Promise<void> {
  const settings = connectionSettings({ url: database.url }, 10_000, "write");
  const connection = new Connection({ ...settings, messageBytesMax: 1_000_000 }, () => undefined);
  try {
    await work(connection);
  } finally {
    connection.destroy(new Error("the test is over"));
  }
}

test("transactions whose first statement cannot be prepared are all refused as what they are", async () => {
  const writer = openDatabaseWriter({ url: database.url, connectionsMax: 5 });
  const wrong = () =>
    failureOf(
      writer.transaction({ traceparent: "t" }, async (step) => {
        await step(select("select missing(1)"));
        return { commit: true, value: "" };
      }),
    );
  for (let round = 0; round < 4; round += 1) {
    const failures = await Promise.all(Array.from({ length: 30 }, wrong));
    expect(new Set(failures.map(({ details }) => details["sqlstate"]))).toEqual(new Set(["42883"]));
  }
  await writer.close();
});

test("a statement that cannot be prepared is sent again as a whole, also behind one of the same text", () =>
  connected(async (connection) => {
    const late = { statement: select("select word from late") };
    const fine = { statement: select("select 'fine'") };
    expect(await together(connection, [late, late, fine, late, fine])).toEqual([
      "42P01",
      "42P01",
      "fine",
      "42P01",
      "fine",
    ]);
    await runSql(database.url, "create table late as select 'there' as word");
    expect(await together(connection, [late, late])).toEqual(["there", "there"]);
  }));

test("what an error keeps from being prepared is prepared with its next use", () =>
  connected(async (connection) => {
    const behind = select("select 'behind'");
    const failing = { statement: behind, before: [select("select 1 / 0")] };
    expect(await together(connection, [failing, { statement: behind }])).toEqual(["22012", "behind"]);
    expect(await together(connection, [failing, { statement: behind }])).toEqual(["22012", "behind"]);
    const names = {
      statement: select("select count(*) from pg_prepared_statements where statement like '%behind''' "),
    };
    expect(await together(connection, [names])).toEqual(["1"]);
  }));
