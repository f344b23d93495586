/** The version of the data that docs/guides/exports.md takes from the outbox, with its grants: tables kept until one of their kind changes. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createApp } from "../../routes/app.ts";
import { createMemoryBus } from "../../src/adapters/memory/event-bus.ts";
import { openChangeFeed } from "../../src/adapters/postgres/outbox/change-feed.ts";
import { realWait } from "../../src/adapters/timers/wait.ts";
import { compileDatabase } from "../../src/compose/compile-database.ts";
import { type Edge, openEdge } from "../../src/compose/edge.ts";
import { loadConfig } from "../../src/config/load-config.ts";
import { publishChanges } from "../../src/flows/events/publish-changes.ts";
import { type ObservedDatabase, observedDatabase } from "../adapters/postgres/outbox/observed-database.ts";
import { runSql, testServer } from "../support/postgres.ts";

const guide = await readFile(join(import.meta.dir, "../../docs/guides/exports.md"), "utf8");
const section = guide.split("## Until something changes\n")[1]?.split("\n## ")[0] ?? "";
const block = (language: string): string =>
  new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, "ms").exec(section)?.[1] ?? "";

const ROLE = `exports_reader_${crypto.randomUUID().slice(0, 8)}`;
const SETUP = `
  create table river (id int primary key, name text not null);
  insert into river values (1, 'Inn'), (2, 'Aare');
  create view long_named as select id, name from river where length(name) > 3;
  create table visit (at timestamptz);
  create role ${ROLE} login password 'x';
  grant select on river, long_named to ${ROLE};
`;
const RIVERS = "{ rivers { name } }";

let database: ObservedDatabase;
let edge: Edge;
const over = new AbortController();
let relaying: Promise<void>;
beforeAll(async () => {
  database = await observedDatabase("exports_after_changes", SETUP, [{ schema: "public", name: "river" }]);
  await runSql(database.url, block("sql").replaceAll("reader", ROLE));
  const url = new URL(database.url);
  url.username = ROLE;
  url.password = "x";
  const { artifact } = await compileDatabase(url.href);
  const config = loadConfig({ toml: block("toml"), env: { DATABASE_URL: url.href } });
  edge = await openEdge({ config, artifact, report: () => undefined });
  const parts = { feed: openChangeFeed(database.connect(2)), bus: createMemoryBus({ wait: realWait }), wait: realWait };
  const lease = { name: "relay", holder: "test", fence: 1 };
  relaying = publishChanges({ ...parts, observe: () => {} }, lease, { retentionMs: 60_000, signal: over.signal });
});
afterAll(async () => {
  over.abort();
  await relaying;
  await edge.close();
  await database.close();
  await runSql(await testServer(), `drop role ${ROLE}`);
});

async function asked(query: string): Promise<{ readonly tag: string; readonly text: string }> {
  const response = await createApp(edge).request(`/graphql?${new URLSearchParams({ query })}`, {
    headers: { accept: "application/x-ndjson" },
  });
  return { tag: response.headers.get("etag") ?? "none", text: await response.text() };
}

/** Waits until the relay has published all that is committed. */
async function published(): Promise<void> {
  for (;;) {
    const [row] = await database.sql`select coalesce(max(o.position), 0) <= r.position as done
      from fraiseql.relay r left join fraiseql.outbox o on true group by r.position`;
    if (row?.["done"]) return;
  }
}

describe("with the version of the outbox", () => {
  test("writes that are no change of an observed table leave the tag as it is", async () => {
    await published();
    const before = await asked(RIVERS);
    expect(before.tag).toMatch(/^"[0-9a-f]{32}"$/);
    await database.sql`insert into visit values (now())`;
    await database.sql`select pg_current_xact_id()`;
    expect(await asked(RIVERS)).toEqual(before);
  });

  test("a change is in the next answer, before and after it is published, in one over a view too", async () => {
    for (const query of [RIVERS, "{ longNameds { name } }"]) {
      await published();
      const before = await asked(query);
      await database.sql`update river set name = name || '!' where id = 2`;
      const after = await asked(query);
      expect(after.tag).not.toBe(before.tag);
      expect(after.text).toContain("!");
      await published();
      const settled = await asked(query);
      expect(settled.text).toBe(after.text);
      expect(settled.tag).not.toBe(before.tag);
      expect(await asked(query)).toEqual(settled);
    }
  });

  test("a transaction that commits behind a later one is not missed", async () => {
    await published();
    const early = database.connect();
    await early`begin`;
    await early`insert into river values (10, 'early')`;
    await database.sql`insert into river values (11, 'late')`;
    const between = await asked(RIVERS);
    expect([between.text.includes("early"), between.text.includes("late")]).toEqual([false, true]);
    await early`commit`;
    const after = await asked(RIVERS);
    expect([after.text.includes("early"), after.text.includes("late")]).toEqual([true, true]);
    await published();
    const settled = await asked(RIVERS);
    expect(settled.text).toBe(after.text);
    expect(new Set([between.tag, after.tag, settled.tag]).size).toBe(3);
  });

  test("a table is kept until then: it is answered from memory while nobody can read it", async () => {
    await published();
    const before = await asked(RIVERS);
    await database.sql.begin(async (sql) => {
      await sql`lock table river`;
      expect(await asked(RIVERS)).toEqual(before);
    });
    await database.sql`truncate river`;
    expect((await asked(RIVERS)).text).toBe("");
  });
});
