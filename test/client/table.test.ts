import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  tableFromIPC as flechette,
  tableFromArrays as flechetteFromArrays,
  tableToIPC as flechetteToIPC,
} from "@uwdata/flechette";
import { tableFromIPC as apacheArrow, tableFromArrays, tableToIPC } from "apache-arrow";
import postgres from "postgres";
import { ClientError, createClient, GraphqlError, TableTruncated } from "../../src/client/mod.ts";
import { answering, data, failure, table } from "./answering.ts";
import { type Api, worldApi } from "./world-api.ts";

const CITIES = "{ cities(orderBy: [{ pkCity: ASC }]) { pkCity name latitude } }";

let api: Api;
let cities: number;
let wholeTable: Uint8Array<ArrayBuffer>;
beforeAll(async () => {
  api = await worldApi();
  const sql = postgres(api.databaseUrl, { max: 1 });
  cities = Number((await sql`select count(*) from tb_city`)[0]?.["count"]);
  await sql.end();
  wholeTable = await createClient(api).table(CITIES).whole();
});
afterAll(() => api.close());

describe("a table", () => {
  test("comes in batches, which apache-arrow reads", async () => {
    const client = createClient(api);
    const sizes: number[] = [];
    let ids = 0n;
    for await (const batch of client.table(CITIES, {}, { reader: apacheArrow })) {
      sizes.push(batch.numRows);
      ids += BigInt(batch.getChild("pkCity")?.get(0));
    }
    expect(sizes.slice(0, 3)).toEqual([1_024, 8_192, 8_192]);
    expect(sizes.reduce((sum, size) => sum + size)).toBe(cities);
    expect(ids).toBeGreaterThan(0n);
  });

  test("and flechette too, with the same values", async () => {
    const client = createClient(api);
    const names: unknown[] = [];
    for await (const batch of client.table(CITIES, undefined, { reader: (stream) => flechette(stream) }))
      names.push(...batch.getChild("name"));
    const whole = await client.table(CITIES, undefined, { reader: apacheArrow }).whole();
    expect(whole.numRows).toBe(cities);
    expect(names).toEqual([...(whole.getChild("name") ?? [])]);
  });

  test("is the same rows as JSON gives", async () => {
    const client = createClient(api);
    const query =
      "query Some($code: String!) { cities(where: { country: { code: { eq: $code } } }, orderBy: [{ pkCity: ASC }]) { pkCity name } }";
    const json = (await client.query(query, { code: "IS" })) as { cities: object[] };
    const arrow = await client.table(query, { code: "IS" }, { reader: (stream) => flechette(stream) }).whole();
    expect(arrow.toArray()).toEqual(json.cities);
    expect(json.cities.length).toBeGreaterThan(10);
  });

  test("says how far it has come, to the last row and byte", async () => {
    const seen: { rows: number; bytes: number }[] = [];
    const batches: Uint8Array[] = [];
    const options = { onProgress: (progress: { rows: number; bytes: number }) => void seen.push(progress) };
    for await (const batch of createClient(api).table(CITIES, {}, options)) batches.push(batch);
    expect(seen.at(-1)).toEqual({ rows: cities, bytes: wholeTable.length });
    expect(seen[0]?.rows).toBe(0);
    for (const key of ["rows", "bytes"] as const)
      expect(seen.map((progress) => progress[key])).toEqual(
        seen.map((progress) => progress[key]).toSorted((a, b) => a - b),
      );
    expect(flechette(batches[1]!).numRows).toBe(8_192);
  });

  test("gives its messages to a consumer that takes them", async () => {
    const messages = await Array.fromAsync(createClient(api).table(CITIES).messages());
    expect(messages[0]).toMatchObject({ kind: "schema", rows: 0 });
    expect(new Set(messages.slice(1).map(({ kind }) => kind))).toEqual(new Set(["batch"]));
    expect(flechette(messages.map(({ bytes }) => bytes)).numRows).toBe(cities);
  });

  test("without a row has no batch, and its columns when it is asked for whole", async () => {
    const none = createClient(api).table(
      '{ cities(where: { name: { eq: "Nowhere at all" } }) { name } }',
      {},
      { reader: apacheArrow },
    );
    expect(await Array.fromAsync(none)).toEqual([]);
    const whole = await none.whole();
    expect([whole.numRows, whole.schema.fields.map(({ name }) => name)]).toEqual([0, ["name"]]);
  });

  test("carries enums with every batch", async () => {
    const languages = createClient(api).table(
      "{ countryRows(orderBy: [{ code: ASC }], limit: 3) { code continent } }",
      {},
      { reader: apacheArrow },
    );
    for await (const batch of languages)
      expect(batch.toArray().map((row) => String(row["continent"]))).toEqual(["Africa", "Europe", "Asia"]);
  });
});

describe("a table that is left", () => {
  /** Resolves when no statement of an export runs in the database. */
  async function idle(): Promise<void> {
    const sql = postgres(api.databaseUrl, { max: 1 });
    const running = () =>
      sql`select query from pg_stat_activity where datname = current_database() and state = 'active' and pid <> pg_backend_pid()`;
    while ((await running()).length > 0);
    await sql.end();
  }

  test("by an abort rejects with its reason, and ends the statement", async () => {
    const gone = new AbortController();
    const read = async () => {
      for await (const _ of createClient(api).table(CITIES, {}, { signal: gone.signal }))
        gone.abort(new Error("enough"));
    };
    await expect(read()).rejects.toThrow("enough");
    await idle();
  });

  test("by the end of the loop, or by what is no table, ends the request", async () => {
    const messages = await Array.fromAsync(createClient(api).table(CITIES).messages());
    for (const pieces of [messages.map(({ bytes }) => bytes), [new TextEncoder().encode("not Arrow at all")]]) {
      const cancelled = Promise.withResolvers<void>();
      let next = 0;
      const source: UnderlyingDefaultSource<Uint8Array> = {
        pull: (controller) => controller.enqueue(pieces[next++ % pieces.length]!),
        cancel: () => cancelled.resolve(),
      };
      const headers = { "content-type": "application/vnd.apache.arrow.stream" };
      const response = () => new Response(new ReadableStream(source, { highWaterMark: 0 }), { headers });
      const client = createClient({ url: "/graphql", fetch: async () => response() });
      const read = async () => {
        for await (const _ of client.table("{ a }")) break;
      };
      await read().catch((error: unknown) => expect(error).toMatchObject({ code: "TABLE_MALFORMED" }));
      await cancelled.promise;
    }
  });

  test("by the end of the loop ends the statement", async () => {
    for await (const _ of createClient(api).table(CITIES)) break;
    await idle();
  });
});

describe("a table that is not whole", () => {
  async function reading(pieces: readonly Uint8Array[], options = {}) {
    const server = answering(table(pieces, options));
    const got = { rows: 0, error: undefined as unknown };
    try {
      for await (const batch of createClient(server).table("{ a }", {}, { reader: apacheArrow }))
        got.rows += batch.numRows;
    } catch (error) {
      got.error = error;
    }
    await server.stop();
    return got;
  }

  test("is refused wherever it was cut, between messages too", async () => {
    const messages = await Array.fromAsync(createClient(api).table(CITIES).messages());
    const ends = messages.map((_, index) =>
      messages.slice(0, index + 1).reduce((sum, { bytes }) => sum + bytes.length, 0),
    );
    const cuts = [0, 1, 7, 8, 9, ...ends.flatMap((end) => [end - 1, end, end + 1, end + 4]), wholeTable.length - 1];
    for (const cut of cuts) {
      const { rows, error } = await reading([wholeTable.slice(0, cut)]);
      const whole = ends.findLastIndex((end) => end <= cut);
      const expected = messages.slice(0, whole + 1).reduce((sum, message) => sum + message.rows, 0);
      expect({ cut, rows, error }).toMatchObject({
        cut,
        rows: expected,
        error: { code: "TABLE_TRUNCATED", rows: expected, bytes: cut },
      });
      expect(error).toBeInstanceOf(TableTruncated);
    }
  });

  test("is refused where the connection broke", async () => {
    const { error } = await reading([wholeTable.slice(0, 500_000)], { breaksOff: true });
    expect(error).toBeInstanceOf(TableTruncated);
    expect((error as TableTruncated).cause).toBeInstanceOf(Error);
  });

  test("is read whatever pieces it comes in", async () => {
    const small = await createClient(api).table("{ continents: countryRows(limit: 5) { code continent } }").whole();
    for (const size of [1, 3, 8, 100]) {
      const pieces = Array.from({ length: Math.ceil(small.length / size) }, (_, index) =>
        small.slice(index * size, (index + 1) * size),
      );
      // Not over the network, which joins small pieces.
      const client = createClient({ url: "/graphql", fetch: async () => table(pieces)() });
      expect((await client.table("{ a }", {}, { reader: apacheArrow }).whole()).numRows).toBe(5);
    }
  });

  test("is read as other writers write it", async () => {
    const columns = { id: Int32Array.of(1, 2, 3), name: ["a", null, "c"] };
    const written = [
      tableToIPC(tableFromArrays(columns), "stream"),
      flechetteToIPC(flechetteFromArrays(columns), { format: "stream" }) ?? new Uint8Array(),
    ];
    for (const stream of written) {
      const client = createClient({ url: "/graphql", fetch: async () => table([stream])() });
      const messages = await Array.fromAsync(client.table("{ a }").messages());
      expect(messages.reduce((sum, { rows }) => sum + rows, 0)).toBe(3);
      for await (const batch of client.table("{ a }", {}, { reader: apacheArrow }))
        expect(batch.toArray().map((row) => row["name"])).toEqual(["a", null, "c"]);
    }
  });

  const word = (...bytes: number[]) => Uint8Array.from(bytes);
  const MARK = [255, 255, 255, 255];
  test.each([
    ["text", new TextEncoder().encode("pkCity,name\n1,Bern\n"), "mark"],
    ["the file form", new TextEncoder().encode("ARROW1\0\0"), "mark"],
    ["an end without a schema", word(...MARK, 0, 0, 0, 0), "no schema"],
    ["metadata of an absurd length", word(...MARK, 0, 0, 0, 127), "metadata has"],
    ["metadata of nothing", word(...MARK, 8, 0, 0, 0, 9, 9, 9, 9, 0, 0, 0, 0), "cannot be read"],
  ])("%s is no table", async (_, bytes, what) => {
    const { error } = await reading([bytes]);
    expect(error).toMatchObject({ name: "ClientError", code: "TABLE_MALFORMED" });
    expect((error as Error).message).toContain(what);
  });

  test("bytes behind its end are no table", async () => {
    expect((await reading([wholeTable, word(0)])).error).toMatchObject({ code: "TABLE_MALFORMED" });
  });

  test("any changed byte gives a table or an error of ours, and never hangs", async () => {
    const small = await createClient(api).table("{ countryRows(limit: 5) { code continent } }").whole();
    for (let at = 0; at < small.length; at += 3) {
      const changed = small.slice();
      changed[at] = 255 - changed[at]!;
      const server = answering(table([changed]));
      const outcome = await createClient(server)
        .table("{ a }")
        .whole()
        .catch((error: unknown) => error);
      if (!(outcome instanceof Uint8Array)) expect(outcome).toBeInstanceOf(ClientError);
      await server.stop();
    }
  });
});

describe("what fails before the first byte", () => {
  test("is a GraphQL error", async () => {
    const error = await createClient(api)
      .table("{ cities { nam } }")
      .whole()
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(GraphqlError);
    expect(error).toMatchObject({ code: "VALIDATION_ERROR" });
  });

  test("is tried again where the server says so", async () => {
    const server = answering(failure("DATABASE_UNAVAILABLE", 503), table([wholeTable]));
    const client = createClient({ url: server.url, retry: { delayMs: 1 } });
    expect((await client.table("{ a }").whole()).length).toBe(wholeTable.length);
    await server.stop();
  });

  test("is named when the server gives JSON", async () => {
    const server = answering(data({}));
    await expect(createClient(server).table("{ a }").whole()).rejects.toThrow("instead of a table");
    await server.stop();
  });
});
