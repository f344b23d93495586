/** Tables over HTTP: every form holds the rows the JSON document holds. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { tableFromIPC as flechette } from "@uwdata/flechette";
import { type RecordBatchFileReader, RecordBatchReader, tableFromIPC } from "apache-arrow";
import { negotiate } from "../../routes/media-type.ts";
import { type ExportsApp, exportsApp } from "./exports-app.ts";

const STREAM = { accept: "application/vnd.apache.arrow.stream" };
const FILE = { accept: "application/vnd.apache.arrow.file" };
const NDJSON = { accept: "application/x-ndjson" };
const CSV = { accept: "text/csv" };
const EVERYTHING = `{ rivers {
  id name mood length flow navigable surveyed measured facts raw tags serial sign
  country { name } gauges { height } __typename nodeId
} }`;

let served: ExportsApp;
beforeAll(async () => {
  served = await exportsApp();
});
afterAll(() => served.close());

const document = async (query: string): Promise<Record<string, unknown>> => {
  const response = await served.post(query, { accept: "application/json" });
  return ((await response.json()) as { data: Record<string, unknown> }).data;
};
const linesOf = async (query: string): Promise<unknown[]> => {
  const text = await (await served.post(query, NDJSON)).text();
  return text === ""
    ? []
    : text
        .replace(/\n$/, "")
        .split("\n")
        .map((line) => JSON.parse(line));
};
const refusalOf = async (response: Response) => {
  const body = (await response.json()) as { errors: { extensions: { code: string } }[] };
  return [response.status, body.errors[0]?.extensions.code, response.headers.get("content-type")];
};

describe("lines of JSON", () => {
  test("each line is a row of the document, whatever line ends its values hold", async () => {
    expect(await linesOf(EVERYTHING)).toEqual((await document(EVERYTHING))["rivers"] as unknown[]);
  });

  test("connections, groups, aggregates and single objects are lines too", async () => {
    expect(await linesOf("{ riversConnection(first: 2) { edges { node { id } } } }")).toEqual([{ id: 1 }, { id: 2 }]);
    const groups = "{ riversGroups(groupBy: { mood: true }, orderBy: [{ count: DESC }]) { key { mood } count } }";
    expect(await linesOf(groups)).toEqual((await document(groups))["riversGroups"] as unknown[]);
    expect(await linesOf("{ riversAggregate { count max { length } } }")).toEqual([
      { count: 4, max: { length: "517.50" } },
    ]);
    expect(await linesOf("{ river(id: 3) { name } }")).toEqual([{ name: "" }]);
    expect(await linesOf("{ river(id: 99) { name } }")).toEqual([]);
  });

  test("a long list comes in order, once each", async () => {
    const rows = (await linesOf("{ manies { id word } }")) as { id: number; word: string }[];
    expect(rows.map(({ id }) => id)).toEqual(Array.from({ length: 20_000 }, (_, index) => index + 1));
    expect(rows[19_999]).toEqual({ id: 20_000, word: "word 20000" });
  });
});

describe("CSV", () => {
  test("values are quoted where they could break a field, and an absent one differs from an empty text", async () => {
    const response = await served.post(EVERYTHING, CSV);
    expect(response.headers.get("content-type")).toBe("text/csv; charset=utf-8; header=present");
    expect(await response.text()).toBe(
      [
        "id,name,mood,length,flow,navigable,surveyed,measured,facts,raw,tags,serial,sign,country,gauges,__typename,nodeId",
        '1,"Inn",calm,517.50,735.5,true,2020-02-29,2024-01-02T03:04:05.678901+00:00,"{""a"": [1, ""x\\ny""]}","{\n ""b"" : 1\n}","[""a"",""b,c"",null]",9007199254740993,AP8=,"{""name"":""Austria, \\""Österreich\\""""}","[{""height"":5},{""height"":null}]",River,WyJSaXZlciIsIjEiXQ',
        '2,"Line\r\nbreak, ""quoted""",very_wild,,,false,,infinity,,,"[]",2,,,"[]",River,WyJSaXZlciIsIjIiXQ',
        '3,"",,-0.50,,true,0044-03-15 BC,,"null","[]",,3,,"{""name"":""Switzerland""}","[{""height"":7}]",River,WyJSaXZlciIsIjMiXQ',
        '4,"=1+1",calm,0.00,1e+300,true,,,"""text""","""t""","[null]",4,,"{""name"":""Switzerland""}","[]",River,WyJSaXZlciIsIjQiXQ',
        "",
      ].join("\r\n"),
    );
  });

  test("a table of one column has no empty lines, for readers skip them", async () => {
    expect(await (await served.post("{ rivers { length } }", CSV)).text()).toBe(
      'length\r\n517.50\r\n""\r\n-0.50\r\n0.00\r\n',
    );
  });

  test("a table without rows is its head", async () => {
    const query = "{ rivers(where: { id: { gt: 99 } }) { id title: name } }";
    expect(await (await served.post(query, CSV)).text()).toBe("id,title\r\n");
  });

  test("groups and aggregates have a column for each key, nested ones as JSON", async () => {
    const groups =
      "{ riversGroups(groupBy: { mood: true }, orderBy: [{ key: { mood: ASC } }]) { key { mood } count } }";
    expect(await (await served.post(groups, CSV)).text()).toBe(
      'key,count\r\n"{""mood"":""calm""}",2\r\n"{""mood"":""very_wild""}",1\r\n"{""mood"":null}",1\r\n',
    );
    const aggregate = "{ riversAggregate { count max { length } } }";
    expect(await (await served.post(aggregate, CSV)).text()).toBe('count,max\r\n4,"{""length"":""517.50""}"\r\n');
  });
});

describe("Arrow", () => {
  test("a file holds the table of the stream, with its batches where its footer says", async () => {
    for (const query of ["{ manies { id word } }", "{ rivers { id mood name } }", "{ rivers(limit: 0) { id } }"]) {
      const [stream, file] = await Promise.all(
        [STREAM, FILE].map(async (headers) => (await served.post(query, headers)).bytes()),
      );
      const expected = tableFromIPC(stream)
        .toArray()
        .map((row) => row.toJSON());
      const reader = RecordBatchReader.from(file);
      expect([reader.isFile(), new TextDecoder().decode(file?.slice(-6))]).toEqual([true, "ARROW1"]);
      expect(
        tableFromIPC(file)
          .toArray()
          .map((row) => row.toJSON()),
      ).toEqual(expected);
      expect(flechette(file as Uint8Array).toArray()).toEqual(expected);
      const opened = (reader as RecordBatchFileReader).open();
      for (let index = opened.numRecordBatches - 1; index >= 0; index -= 1) {
        const jumpedTo = opened.readRecordBatch(index)?.toArray();
        expect(jumpedTo?.map((row) => row.toJSON())).toEqual(
          tableFromIPC(stream)
            .batches[index]?.toArray()
            .map((row) => row.toJSON()),
        );
      }
    }
  });

  test("operation, list and artifact travel with the schema", async () => {
    const query = "query Some { few: rivers { id } } query Other { rivers { name } }";
    const response = await served.post(query, STREAM, { operationName: "Some" });
    const { metadata } = tableFromIPC(await response.bytes()).schema;
    expect(Object.fromEntries(metadata)).toEqual({
      "fraiseql.name": "few",
      "fraiseql.operation": query,
      "fraiseql.operationName": "Some",
      "fraiseql.schema": expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
    });
  });
});

test("what has no form as a table is refused as JSON, in every form", async () => {
  for (const headers of [STREAM, FILE, NDJSON, CSV]) {
    for (const query of [
      "{ rivers { id } manies { id } }",
      "{ __typename }",
      "{ riversConnection(last: 1) { nodes { id } } }",
    ]) {
      expect(await refusalOf(await served.post(query, headers))).toEqual([
        400,
        "BAD_USER_INPUT",
        "application/graphql-response+json; charset=utf-8",
      ]);
    }
  }
});

test("a table longer than the limit is an error where no byte was sent", async () => {
  const short = await exportsApp({ FRAISEQL_LIMITS_EXPORT_ROWS_MAX: "3" });
  for (const headers of [STREAM, FILE, NDJSON, CSV]) {
    expect((await refusalOf(await short.post("{ rivers { id } }", headers)))[1]).toBe("EXPORT_LIMIT");
    expect((await short.post("{ rivers(limit: 3) { id } }", headers)).status).toBe(200);
    expect((await refusalOf(await short.post("{ rivers(limit: 4) { id } }", headers)))[1]).toBe("PAGE_LIMIT");
  }
  await short.close();
});

test("a table whose statement is too slow before its first byte is 503 with Retry-After, in every form", async () => {
  const hurried = await exportsApp(
    { FRAISEQL_EXPORTS_STATEMENT_TIMEOUT_MS: "200" },
    "CREATE VIEW late AS SELECT id, word, pg_sleep(600)::text AS wait FROM many;",
  );
  for (const headers of [STREAM, FILE, NDJSON, CSV]) {
    const refused = await hurried.post("{ lates(limit: 5) { id wait } }", headers);
    expect(refused.headers.get("retry-after")).toBe("1");
    expect((await refusalOf(refused)).slice(0, 2)).toEqual([503, "STATEMENT_TIMEOUT"]);
  }
  await hurried.close();
});

test("rows of a function, a page of them, their measures and their groups are Arrow tables as they are JSON", async () => {
  const called = await exportsApp(
    {},
    `CREATE FUNCTION longer(lowest numeric) RETURNS SETOF river STABLE LANGUAGE sql
       AS 'SELECT * FROM river WHERE length >= lowest';
     CREATE FUNCTION gaps() RETURNS TABLE (a int, b text) STABLE LANGUAGE sql AS 'VALUES (1, ''one''), (NULL, NULL)';
     CREATE FUNCTION words(starts text) RETURNS TABLE (word text, place int) STABLE LANGUAGE sql
       AS 'SELECT word, id FROM many WHERE word LIKE starts || ''%'' ORDER BY id DESC';`,
  );
  const arrow = async (query: string) =>
    tableFromIPC(await (await called.post(query, STREAM)).bytes())
      .toArray()
      .map((row) => JSON.parse(JSON.stringify(row, (_, value) => (typeof value === "bigint" ? Number(value) : value))));
  const json = async (query: string, path: readonly string[]) => {
    const { data } = (await (await called.post(query, { accept: "application/json" })).json()) as { data: unknown };
    return path.reduce((value, key) => (value as Record<string, unknown>)[key], data);
  };
  const country = "country { name } gauges { id }";
  for (const [query, path] of [
    [`{ longer(lowest: "-1") { id name ${country} } }`, ["longer"]],
    [
      `{ longerConnection(lowest: "-1", first: 2, orderBy: { name: DESC }) { nodes { id ${country} } } }`,
      ["longerConnection", "nodes"],
    ],
    ['{ longerGroups(lowest: "-1", groupBy: { countryCode: true }) { key { countryCode } count } }', ["longerGroups"]],
    ['{ words(starts: "word 1999", where: { place: { neq: 1999 } }) { word place } }', ["words"]],
    ["{ gaps { a b } }", ["gaps"]],
    ['{ wordsGroups(starts: "word 1", groupBy: { word: true }, limit: 3) { key { word } count } }', ["wordsGroups"]],
  ] as const) {
    const rows = await arrow(query);
    expect(rows.length).toBeGreaterThan(1);
    expect(rows).toEqual((await json(query, path)) as unknown[]);
  }
  const measures = '{ longerAggregate(lowest: "-1") { count max { name } } }';
  expect(await arrow(measures)).toEqual([await json(measures, ["longerAggregate"])]);
  await called.close();
});

test("a nested list longer than a page is an error, never a short list", async () => {
  const short = await exportsApp({ FRAISEQL_LIMITS_PAGE_ROWS_MAX: "1" });
  for (const headers of [STREAM, FILE, NDJSON, CSV]) {
    expect((await refusalOf(await short.post("{ rivers { gauges { id } } }", headers)))[1]).toBe("PAGE_LIMIT");
  }
  await short.close();
});

test("Accept chooses the form: the highest q, then the first named, wildcards last, tables only by name", () => {
  const chosen = (accept: string) => negotiate(accept, false);
  expect(chosen("text/csv")).toBe("text/csv");
  expect(chosen("Text/CSV; q=0.5, application/json;q=0.4")).toBe("text/csv");
  expect(chosen("application/json, application/vnd.apache.arrow.stream")).toBe("application/json");
  expect(chosen("application/vnd.apache.arrow.stream, application/json")).toBe("application/vnd.apache.arrow.stream");
  expect(chosen("*/*, application/x-ndjson")).toBe("application/x-ndjson");
  expect(chosen("*/*;q=0.9, application/x-ndjson;q=0.8")).toBe("application/json");
  expect(chosen("*/*, application/json;q=0")).toBe("application/graphql-response+json");
  expect(chosen("application/*")).toBe("application/json");
  expect(chosen("text/*")).toBe(undefined);
  expect(chosen("text/csv;q=0")).toBe(undefined);
  expect(chosen("text/csv;charset=utf-16, application/vnd.apache.arrow.file;q=0.1")).toBe(
    "application/vnd.apache.arrow.file",
  );
  expect(negotiate("text/html, text/csv;q=0.9", true)).toBe("text/html");
  expect(negotiate("text/*", true)).toBe("text/html");
});
