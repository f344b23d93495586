/** Tables that are asked for again: entity tags, compression, and the cache. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { zstdDecompressSync } from "node:zlib";
import { acceptsZstd } from "../../routes/content-coding.ts";
import { type ExportsApp, exportsApp } from "./exports-app.ts";

const STREAM = { accept: "application/vnd.apache.arrow.stream" };
const NDJSON = { accept: "application/x-ndjson" };
const CSV = { accept: "text/csv" };
const NAMES = "{ rivers { name } }";
const CACHE = { FRAISEQL_EXPORTS_CACHE_BYTES_MAX: "10000000" };
const MANY = "{ manies { id word } }";

const tagOf = async (app: ExportsApp, query: string, headers: Record<string, string>): Promise<string | null> => {
  const response = await app.get(query, headers);
  await response.bytes();
  return response.headers.get("etag");
};

describe("entity tags", () => {
  let served: ExportsApp;
  beforeAll(async () => {
    served = await exportsApp();
  });
  afterAll(() => served.close());

  test("an unchanged table is not sent again", async () => {
    for (const headers of [STREAM, NDJSON, CSV]) {
      const tag = await tagOf(served, NAMES, headers);
      expect(tag).toMatch(/^"[0-9a-f]{32}"$/);
      for (const known of [tag, `W/${tag}`, `"other", ${tag}`]) {
        const again = await served.get(NAMES, { ...headers, "if-none-match": known as string });
        expect([again.status, again.headers.get("etag"), await again.text()]).toEqual([304, tag, ""]);
        expect(again.headers.get("cache-control")).toBe("private, no-cache");
      }
      expect((await served.get(NAMES, { ...headers, "if-none-match": '"other"' })).status).toBe(200);
    }
  });

  test("every change of the data changes the tag: rows, rows of related tables, tables", async () => {
    const query = "{ rivers { name country { name } gauges { height } } }";
    const tags = new Set([await tagOf(served, query, NDJSON)]);
    for (const change of [
      "UPDATE river SET name = name || '!' WHERE id = 1",
      "DELETE FROM gauge WHERE id = 2",
      "UPDATE country SET name = 'Suisse' WHERE code = 'CH'",
      "ALTER TABLE river ALTER COLUMN name TYPE varchar(200)",
      "TRUNCATE gauge",
    ]) {
      await served.sql(change);
      tags.add(await tagOf(served, query, NDJSON));
    }
    expect(tags.size).toBe(6);
    expect(tags.has(null)).toBe(false);
  });

  test("a transaction that ends between two looks is seen, one that runs is not", async () => {
    const { promise: isOver, resolve: end } = Promise.withResolvers<void>();
    const { promise: hasBegun, resolve: begun } = Promise.withResolvers<void>();
    const writing = served.transaction(async (sql) => {
      await sql("UPDATE river SET name = 'renamed' WHERE id = 4");
      begun();
      await isOver;
    });
    await hasBegun;
    const before = await tagOf(served, NAMES, NDJSON);
    expect((await served.get(NAMES, { ...NDJSON, "if-none-match": before as string })).status).toBe(304);
    end();
    await writing;
    const after = await served.get(NAMES, { ...NDJSON, "if-none-match": before as string });
    expect([after.status, (await after.text()).includes("renamed")]).toEqual([200, true]);
  });

  test("another form, coding, selection, argument or operation is another table", async () => {
    const query = "query A($n: Int) { rivers(limit: $n) { name } } query B($n: Int) { rivers(limit: $n) { id } }";
    const url = (n: number, name: string) => ({ variables: JSON.stringify({ n }), operationName: name });
    const tags = await Promise.all([
      tagOf(served, NAMES, NDJSON),
      tagOf(served, NAMES, CSV),
      tagOf(served, NAMES, { ...NDJSON, "accept-encoding": "zstd" }),
      tagOf(served, "{ rivers { id } }", NDJSON),
      served.get(query, NDJSON, url(1, "A")).then(({ headers }) => headers.get("etag")),
      served.get(query, NDJSON, url(2, "A")).then(({ headers }) => headers.get("etag")),
      served.get(query, NDJSON, url(1, "B")).then(({ headers }) => headers.get("etag")),
    ]);
    expect(new Set(tags).size).toBe(7);
  });

  test("what may change without a transaction has no tag, nor has a POST", async () => {
    const app = await exportsApp(
      {},
      `CREATE VIEW recent AS SELECT id, name FROM river WHERE now() > '2000-01-01';
       CREATE TABLE guarded (id int PRIMARY KEY); ALTER TABLE guarded ENABLE ROW LEVEL SECURITY;
       CREATE FUNCTION river_age(river) RETURNS int STABLE LANGUAGE sql AS 'SELECT extract(epoch from now())::int';
       CREATE MATERIALIZED VIEW summary AS SELECT count(*)::int AS rivers FROM river;`,
    );
    const tags: Record<string, boolean> = {};
    for (const query of [
      "{ recents { id } }",
      "{ guardeds { id } }",
      "{ rivers { age } }",
      "{ summaries { rivers } }",
    ]) {
      const response = await app.get(query, NDJSON);
      expect([query, response.status]).toEqual([query, 200]);
      tags[query] = response.headers.get("etag") !== null;
      expect(response.headers.get("cache-control")).toBe(tags[query] ? "private, no-cache" : "no-store");
    }
    expect(Object.values(tags)).toEqual([false, false, false, true]);
    expect((await app.post(NAMES, NDJSON)).headers.get("etag")).toBe(null);
    await app.close();
  });

  test("foreign tables anywhere take the tags away, for a partition may be one", async () => {
    const app = await exportsApp();
    expect(await tagOf(app, NAMES, NDJSON)).not.toBe(null);
    await app.sql(`CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w;
      CREATE FOREIGN TABLE far (id int) SERVER s;`);
    expect(await tagOf(app, NAMES, NDJSON)).toBe(null);
    await app.close();
  });

  test("a query of the operator can give the version, for views too; a null is none", async () => {
    const app = await exportsApp(
      {
        FRAISEQL_EXPORTS_DATA_VERSION: "query",
        FRAISEQL_EXPORTS_DATA_VERSION_QUERY: "select max(number) from release",
      },
      "CREATE TABLE release (number int); CREATE VIEW recent AS SELECT id, name FROM river",
    );
    const query = "{ recents { id } }";
    expect(await tagOf(app, query, NDJSON)).toBe(null);
    await app.sql("INSERT INTO release VALUES (1)");
    const tag = await tagOf(app, query, NDJSON);
    expect(tag).not.toBe(null);
    await app.sql("UPDATE river SET name = 'x'");
    expect(await tagOf(app, query, NDJSON)).toBe(tag);
    await app.sql("UPDATE release SET number = 2");
    expect(await tagOf(app, query, NDJSON)).not.toBe(tag);
    await app.close();
  });

  test("without versions there are no tags", async () => {
    const app = await exportsApp({ FRAISEQL_EXPORTS_DATA_VERSION: "none" });
    expect(await tagOf(app, NAMES, NDJSON)).toBe(null);
    await app.close();
  });
});

describe("compression", () => {
  let served: ExportsApp;
  beforeAll(async () => {
    served = await exportsApp();
  });
  afterAll(() => served.close());

  test("a large table is compressed for those who can read it, and is the same table", async () => {
    for (const headers of [STREAM, NDJSON, CSV]) {
      const plain = await served.post(MANY, headers);
      expect([plain.headers.get("content-encoding"), plain.headers.get("vary")]).toEqual([
        null,
        "accept, accept-encoding, prefer",
      ]);
      const coded = await served.post(MANY, { ...headers, "accept-encoding": "gzip, zstd" });
      expect([coded.headers.get("content-encoding"), coded.headers.get("vary")]).toEqual([
        "zstd",
        "accept, accept-encoding, prefer",
      ]);
      const bytes = await coded.bytes();
      const expected = await plain.bytes();
      expect(bytes.length).toBeLessThan(expected.length / 2);
      expect(new Uint8Array(zstdDecompressSync(bytes))).toEqual(expected);
    }
  });

  test("a small one is not, and errors are not", async () => {
    const headers = { ...NDJSON, "accept-encoding": "zstd" };
    const small = await served.post(NAMES, headers);
    expect([small.headers.get("content-encoding"), (await small.text()).startsWith('{"name"')]).toEqual([null, true]);
    const refused = await served.post("{ none }", headers);
    expect([refused.status, refused.headers.get("content-encoding")]).toEqual([400, null]);
  });

  test("the client says whether it can", () => {
    const cases = { zstd: true, "gzip, zstd;q=0.5": true, ZSTD: true, gzip: false, "*": false, "zstd;q=0": false };
    for (const [accepted, can] of Object.entries(cases))
      expect([accepted, acceptsZstd(accepted)]).toEqual([accepted, can]);
    expect(acceptsZstd("identity, zstd;q=0.9")).toBe(false);
    expect(acceptsZstd("identity;q=0.5, zstd;q=0.9")).toBe(true);
    expect(acceptsZstd(null)).toBe(false);
  });
});

describe("the cache", () => {
  test("gives equal requests the same bytes until the data changes, compressed or not", async () => {
    const app = await exportsApp(CACHE);
    for (const headers of [STREAM, { ...STREAM, "accept-encoding": "zstd" }] as Record<string, string>[]) {
      const first = await app.post(MANY, headers);
      const expected = await first.bytes();
      for (const ask of [app.post, app.get]) {
        const again = await ask(MANY, headers);
        expect(await again.bytes()).toEqual(expected);
        expect(again.headers.get("content-encoding")).toBe(first.headers.get("content-encoding"));
      }
      await app.sql("UPDATE many SET word = word || '?' WHERE id = 1");
      expect(await (await app.post(MANY, headers)).bytes()).not.toEqual(expected);
    }
    await app.close();
  });

  test("answers from memory even while the table is locked", async () => {
    const app = await exportsApp({ ...CACHE, FRAISEQL_EXPORTS_DATA_VERSION: "none" });
    const before = await (await app.post(MANY, STREAM)).bytes();
    await app.transaction(async (sql) => {
      await sql("LOCK TABLE many");
      expect(await (await app.post(MANY, STREAM)).bytes()).toEqual(before);
    });
    await app.close();
  });

  test("one statement serves many at the same time", async () => {
    const app = await exportsApp(CACHE);
    let all: Promise<Uint8Array[]> | undefined;
    await app.transaction(async (sql) => {
      await sql("LOCK TABLE many");
      all = Promise.all(Array.from({ length: 30 }, async () => (await app.post(MANY, STREAM)).bytes()));
      while ((await app.waitingForLocks()) === 0);
      for (let look = 0; look < 50; look += 1) expect(await app.waitingForLocks()).toBe(1);
    });
    const [first, ...others] = (await all) ?? [];
    expect(others.length).toBe(29);
    for (const bytes of others) expect(bytes).toEqual(first as Uint8Array);
    await app.close();
  });

  test("without versions it holds for its time", async () => {
    const app = await exportsApp({ ...CACHE, FRAISEQL_EXPORTS_DATA_VERSION: "none" });
    const before = await (await app.post(NAMES, NDJSON)).text();
    await app.sql("UPDATE river SET name = 'changed'");
    expect(await (await app.post(NAMES, NDJSON)).text()).toBe(before);
    expect(await (await app.post("{ rivers { name id } }", NDJSON)).text()).toContain("changed");
    await app.close();
  });

  test("errors are not kept", async () => {
    const app = await exportsApp(
      CACHE,
      "CREATE TABLE divisor (id int PRIMARY KEY); INSERT INTO divisor VALUES (0); CREATE VIEW quotient AS SELECT 1 / id AS q FROM divisor",
    );
    expect((await app.post("{ quotients { q } }", NDJSON)).status).toBe(500);
    await app.sql("UPDATE divisor SET id = 1");
    expect(await (await app.post("{ quotients { q } }", NDJSON)).text()).toBe('{"q":1}\n');
    await app.close();
  });
});
