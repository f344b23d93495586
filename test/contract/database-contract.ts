import { strict as assert } from "node:assert";
import type { Database } from "../../src/ports/database.ts";
import { type Contract, FAILURES, refusal, seen, select } from "./contract.ts";

const text = (answer: string | Uint8Array) => (typeof answer === "string" ? answer : new TextDecoder().decode(answer));

/** Whether another session runs a statement with this mark in it. */
async function isRunning(database: Database, mark: string): Promise<boolean> {
  const running =
    "select 1 from pg_stat_activity where state = 'active' and pid <> pg_backend_pid() and strpos(query, $1) > 0";
  return (await database.rows(select(running, mark))).length > 0;
}

export const DATABASE_CONTRACT: Contract<Database> = {
  "a text comes back untouched": async (open, url) => {
    const sent = `{"data":"Zażółć 🏃\u0001 \\u0000 ${"x".repeat(200_000)}"}`;
    assert.equal(text(await open(url).text(select("select $1::text", sent))), sent);
  },

  "rows come as text values in order, null as null": async (open, url) => {
    const rows = await open(url).rows(
      select("select n, null, n % 2 = 0, n::numeric / 4 from generate_series(1, 3) n order by n desc"),
    );
    assert.deepEqual(rows, [
      ["3", null, "f", "0.75000000000000000000"],
      ["2", null, "t", "0.50000000000000000000"],
      ["1", null, "f", "0.25000000000000000000"],
    ]);
    assert.deepEqual(await open(url).rows(select("select 1 where false")), []);
  },

  "values of every type go out as text": async (open, url) => {
    const sent = ["t", '{"a": [1, 2]}', "2020-02-29", "9007199254740993", "\\x00ff", "{1,NULL,3}", "", null];
    const types = "select $1::bool, $2::jsonb, $3::date, $4::int8, $5::bytea, $6::int[], $7::text, $8::timestamptz";
    assert.deepEqual(await open(url).rows(select(types, ...sent)), [sent]);
  },

  "a failure has its code and harms no later statement": async (open, url) => {
    const database = open(url);
    for (const { statement, code } of FAILURES) {
      assert.equal((await refusal(database.text(statement))).code, code, statement.text);
      assert.equal((await refusal(database.rows(statement))).code, code, statement.text);
      assert.equal(text(await database.text(select("select 'next'"))), "next");
    }
  },

  "a database that cannot be reached is DATABASE_UNAVAILABLE": async (open, url) => {
    const nobody = new URL(url);
    nobody.port = "1";
    assert.equal((await refusal(open(nobody.href).text(select("select 'x'")))).code, "DATABASE_UNAVAILABLE");
    const missing = new URL(url);
    missing.pathname = "/no_such_database";
    assert.equal((await refusal(open(missing.href).rows(select("select 'x'")))).code, "DATABASE_UNAVAILABLE");
  },

  "each of many callers gets the answer to its own statement": async (open, url) => {
    const database = open(url);
    const numbers = Array.from({ length: 200 }, (_, index) => String(index));
    const answers = numbers.map(async (number) =>
      text(await database.text(select("select $1::text || pg_sleep(0.001)::text", number))),
    );
    assert.deepEqual(await Promise.all(answers), numbers);
  },

  "statements that may be merged are answered as if alone": async (open, url) => {
    const database = open(url);
    const merged = "select 'n' || n from unnest($1::int[]) with ordinality as given (n, place) order by place";
    const alone = { text: "select 'n' || $1::int::text", merged };
    const values = [...Array(100).keys(), "none", 7].map(String);
    const answers = values.map((value) =>
      database.text({ ...alone, values: [value] }).then(text, (error) => error.code),
    );
    assert.deepEqual(
      await Promise.all(answers),
      values.map((value) => (value === "none" ? "BAD_USER_INPUT" : `n${value}`)),
    );
  },

  "a caller that goes away is told so, and its statement ends on the server": async (open, url) => {
    const [database, watcher] = [open(url), open(url)];
    const caller = new AbortController();
    const answer = refusal(database.text(select("select pg_sleep(600)::text || 'going'"), { signal: caller.signal }));
    await seen("the statement runs", () => isRunning(watcher, "'going'"));
    caller.abort();
    assert.equal((await answer).code, "REQUEST_CANCELLED");
    await seen("the statement has ended", async () => !(await isRunning(watcher, "'going'")));
    assert.equal(text(await database.text(select("select 'next'"))), "next");
  },

  "of many callers with one statement, those who go away are told so and the others are answered": async (
    open,
    url,
  ) => {
    const [database, watcher] = [open(url), open(url)];
    const statement = {
      text: "select 'crowd ' || $1::int || pg_sleep(1)::text",
      merged:
        "select 'crowd ' || n || slept from (select pg_sleep(1)::text as slept) as once, unnest($1::int[]) with ordinality as given (n, place) order by place",
    };
    const caller = new AbortController();
    const answers = Array.from({ length: 60 }, (_, index) => {
      const asked = { ...statement, values: [String(index)] };
      const answer = index % 2 === 0 ? database.text(asked) : database.text(asked, { signal: caller.signal });
      return answer.then(text, (error) => error.code);
    });
    await seen("a statement runs", () => isRunning(watcher, "'crowd '"));
    caller.abort();
    assert.deepEqual(
      await Promise.all(answers),
      answers.map((_, index) => (index % 2 === 0 ? `crowd ${index}` : "REQUEST_CANCELLED")),
    );
  },

  "a caller that goes away after its answer changes nothing": async (open, url) => {
    const database = open(url);
    const caller = new AbortController();
    assert.equal(text(await database.text(select("select 'quick'"), { signal: caller.signal })), "quick");
    const next = database.text(select("select pg_sleep(0.1)::text || 'unharmed'"));
    caller.abort();
    assert.equal(text(await next), "unharmed");
  },

  "closing ends what runs and refuses what comes": async (open, url) => {
    const [database, watcher] = [open(url), open(url)];
    const running = refusal(database.text(select("select pg_sleep(600)::text || 'closing'")));
    await seen("the statement runs", () => isRunning(watcher, "'closing'"));
    await database.close();
    assert.equal((await running).code, "DATABASE_UNAVAILABLE");
    assert.equal((await refusal(database.text(select("select 'late'")))).code, "DATABASE_UNAVAILABLE");
    await database.close();
  },
};
