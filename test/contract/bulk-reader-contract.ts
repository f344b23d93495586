import { strict as assert } from "node:assert";
import { openDatabase } from "../../src/adapters/postgres/database.ts";
import type { BulkReader, BulkResult } from "../../src/ports/bulk-reader.ts";
import type { Database } from "../../src/ports/database.ts";
import { rowsOf } from "../adapters/postgres/bulk/rows-of.ts";
import { type Contract, FAILURES, refusal, seen, select } from "./contract.ts";

/** Far more than all buffers on the way hold, so that the server cannot be through with it. */
const ENDLESS = "select generate_series(1, 10000000), repeat('x', 1000)";

async function textsOf(result: BulkResult): Promise<(string | null)[][]> {
  const rows: (string | null)[][] = [];
  for (let bytes = await result.read(); bytes; bytes = await result.read()) {
    rows.push(...rowsOf(bytes).map((row) => row.map((value) => value?.toString() ?? null)));
  }
  return rows;
}

const next = async (reader: BulkReader) => textsOf(await reader.open(select("select 'next'")));

/** A tenth of all there is; more than this is in no buffer. */
const SENT_MEGABYTES_MAX = 1_000;
/** A server that is seen at the same row so often in a row does not go on. */
const STILL_LOOKS = 200;

async function watching(url: string, watch: (watcher: Database) => Promise<void>): Promise<void> {
  const watcher = openDatabase({ url, connectionsMax: 1 });
  try {
    await watch(watcher);
  } finally {
    await watcher.close();
  }
}

/** Resolves when so many sessions run a statement with this mark. */
function sessionsRunning(url: string, mark: string, count: number): Promise<void> {
  const running = `select count(*) from pg_stat_activity
    where state = 'active' and strpos(query, $1) > 0 and pid <> pg_backend_pid()`;
  return watching(url, (watcher) =>
    seen(`${count} sessions run ${mark}`, async () => {
      const [[found] = []] = await watcher.rows(select(running, mark));
      return found === String(count);
    }),
  );
}

/** Resolves when the statement that takes one advisory lock of this class for each megabyte takes no more of them. */
function standsStill(url: string, lockClass: string): Promise<void> {
  const taken = "select count(*) from pg_locks where locktype = 'advisory' and classid::text = $1";
  let before = 0;
  return watching(url, (watcher) =>
    seen(
      "the server stands still",
      async () => {
        const [[found] = []] = await watcher.rows(select(taken, lockClass));
        const isStill = Number(found) > 0 && Number(found) === before;
        before = Number(found);
        assert.ok(before < SENT_MEGABYTES_MAX, `the server sent ${before} MB that nobody asked for`);
        return isStill;
      },
      STILL_LOOKS,
    ),
  );
}

export const BULK_READER_CONTRACT: Contract<BulkReader> = {
  "columns are described before the first row": async (open, url) => {
    const result = await open(url).open(select("select 1::int8 as big, 'ž'::varchar(7) as word, 12.34::numeric(9, 2)"));
    assert.deepEqual(result.columns, [
      { name: "big", typeOid: 20, typeModifier: -1 },
      { name: "word", typeOid: 1043, typeModifier: 4 + 7 },
      { name: "numeric", typeOid: 1700, typeModifier: 4 + ((9 << 16) | 2) },
    ]);
    await result.close();
  },

  "values are PostgreSQL's binary form, null is no bytes": async (open, url) => {
    const result = await open(url).open(select("select -2::int4, true, 'ž', null::text, $1::int8", "9007199254740993"));
    const bytes = (await result.read()) ?? assert.fail("there is no row");
    assert.deepEqual(
      rowsOf(bytes).map((row) => row.map((value) => value?.toString("hex") ?? null)),
      [["fffffffe", "01", "c5be", null, "0020000000000001"]],
    );
    assert.equal(await result.read(), undefined);
  },

  "every row comes once, in order and whole": async (open, url) => {
    const result = await open(url).open(select("select n, repeat('x', n % 3000) from generate_series(1, 20000) n"));
    let count = 0;
    for (let bytes = await result.read(); bytes; bytes = await result.read()) {
      for (const [number, filling] of rowsOf(bytes)) {
        count += 1;
        assert.deepEqual([number?.readInt32BE(0), filling?.length], [count, count % 3000]);
      }
    }
    assert.equal(count, 20_000);
  },

  "after the last row there is nothing, however often one asks": async (open, url) => {
    const reader = open(url);
    const result = await reader.open(select("select 1 where false"));
    assert.deepEqual([await result.read(), await result.read()], [undefined, undefined]);
    await result.close();
    assert.deepEqual(await next(reader), [["next"]]);
  },

  "statements in order are one result: the rows of each, then those of the next": async (open, url) => {
    const reader = open(url);
    const tenths = Array.from({ length: 10 }, (_, tenth) =>
      select("select n::text, repeat('x', 100) from generate_series($1::int, $1::int + 999) n", String(1000 * tenth)),
    );
    for (let round = 0; round < 2; round += 1) {
      const rows = await textsOf(await reader.openInOrder(tenths, { relations: [] }));
      assert.deepEqual(
        rows.map(([number]) => number),
        Array.from({ length: 10_000 }, (_, number) => String(number)),
      );
    }
    assert.deepEqual(await next(reader), [["next"]]);
  },

  "a failure has the code it has in a Database and harms no later result": async (open, url) => {
    const reader = open(url);
    for (const { statement, code } of FAILURES) {
      const read = reader.open(statement).then((result) => result.read());
      assert.equal((await refusal(read)).code, code, statement.text);
      assert.deepEqual(await next(reader), [["next"]]);
    }
  },

  "a failure amid the rows rejects, and goes on rejecting": async (open, url) => {
    const reader = open(url);
    const result = await reader.open(select("select n, 1 / (100000 - n) from generate_series(1, 200000) n"));
    assert.equal((await refusal(textsOf(result))).code, "DATABASE_ERROR");
    assert.equal((await refusal(result.read())).code, "DATABASE_ERROR");
    assert.deepEqual(await next(reader), [["next"]]);
  },

  "a database that cannot be reached is DATABASE_UNAVAILABLE": async (open, url) => {
    const nobody = new URL(url);
    nobody.port = "1";
    assert.equal((await refusal(open(nobody.href).open(select("select 1")))).code, "DATABASE_UNAVAILABLE");
  },

  "while nobody reads, the server waits": async (open, url) => {
    const megabytes = "select pg_try_advisory_lock(7001, generate_series(1, 10000000) / 1000), repeat('x', 1000)";
    const result = await open(url).open(select(megabytes));
    await standsStill(url, "7001");
    assert.ok(await result.read());
    await result.close();
  },

  "closing a result stops its statement on the server": async (open, url) => {
    const reader = open(url);
    const result = await reader.open(select(`${ENDLESS} where 'left' <> ''`));
    assert.ok(await result.read());
    await sessionsRunning(url, "'left' <>", 1);
    await result.close();
    await sessionsRunning(url, "'left' <>", 0);
    await result.close();
    await refusal(result.read());
    assert.deepEqual(await next(reader), [["next"]]);
  },

  "an abort stops the statement, and whoever reads is told so": async (open, url) => {
    const reader = open(url);
    const caller = new AbortController();
    const result = await reader.open(select(`${ENDLESS} where 'gone' <> ''`), { signal: caller.signal });
    assert.ok(await result.read());
    caller.abort();
    assert.equal((await refusal(textsOf(result))).code, "REQUEST_CANCELLED");
    await sessionsRunning(url, "'gone' <>", 0);
    assert.deepEqual(await next(reader), [["next"]]);
  },

  "who went away before is refused": async (open, url) => {
    const reader = open(url);
    const gone = { signal: AbortSignal.abort() };
    assert.equal((await refusal(reader.open(select("select 1"), gone))).code, "REQUEST_CANCELLED");
    assert.deepEqual(await next(reader), [["next"]]);
  },

  "results that are read at the same time do not mix": async (open, url) => {
    const reader = open(url);
    const names = Array.from({ length: 20 }, (_, index) => `result ${index}`);
    const read = names.map(async (name) => {
      const rows = await textsOf(await reader.open(select("select $1::text from generate_series(1, 2000)", name)));
      return [rows.length, ...new Set(rows.flat())];
    });
    assert.deepEqual(
      await Promise.all(read),
      names.map((name) => [2_000, name]),
    );
  },

  "closing the reader ends its results and refuses new ones": async (open, url) => {
    const reader = open(url);
    const result = await reader.open(select(`${ENDLESS} where 'closed' <> ''`));
    await reader.close();
    await refusal(textsOf(result));
    await sessionsRunning(url, "'closed' <>", 0);
    assert.equal((await refusal(reader.open(select("select 1")))).code, "DATABASE_UNAVAILABLE");
    await reader.close();
  },
};
