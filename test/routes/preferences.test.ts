/** `Prefer`: what a client would rather have of a table, and what the answer says of it. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { tableFromIPC } from "apache-arrow";
import { readPreferences } from "../../routes/preferences.ts";
import { type ExportsApp, exportsApp } from "./exports-app.ts";

const STREAM = { accept: "application/vnd.apache.arrow.stream" };
const FILE = { accept: "application/vnd.apache.arrow.file" };
const NDJSON = { accept: "application/x-ndjson" };
const CSV = { accept: "text/csv" };
const RIVERS = "{ rivers(limit: 2) { id facts country { name } } }";
const FLAT = { prefer: "columns=flat" };
const PLAIN = { prefer: "extension-types=omitted" };

let served: ExportsApp;
beforeAll(async () => {
  served = await exportsApp({ FRAISEQL_EXPORTS_CACHE_BYTES_MAX: "10000000" });
});
afterAll(() => served.close());

const applied = (response: Response) => [
  response.status,
  response.headers.get("preference-applied"),
  response.headers.get("vary"),
];
const VARY = "accept, accept-encoding, prefer";
const fieldsOf = async (response: Response) => {
  const { fields } = tableFromIPC(await response.bytes()).schema;
  return fields.map(({ name, metadata }) => [name, metadata.get("ARROW:extension:name")]);
};

describe("a header of preferences", () => {
  for (const [header, expected] of [
    [null, {}],
    ["", {}],
    ["columns=flat", { columns: "flat" }],
    [" Columns = flat ; foo=bar, respond-async", { columns: "flat" }],
    ['connections="3", extension-types="omitted"', { connections: 3, extensionTypes: "omitted" }],
    ["columns=nested, columns=flat", {}],
    ["columns=FLAT", {}],
    ["connections=1000, columns", {}],
    ["connections=-1, extension-types=named", {}],
  ] as const) {
    test(`${header} asks for ${JSON.stringify(expected)}`, () => {
      expect(readPreferences(header)).toEqual(expected);
    });
  }
});

test("flat columns are applied in every form, and the answer says so", async () => {
  const names = ["id", "facts", "country_name"];
  for (const form of [STREAM, FILE]) {
    const response = await served.post(RIVERS, { ...form, ...FLAT });
    expect(applied(response)).toEqual([200, "columns=flat", VARY]);
    expect((await fieldsOf(response)).map(([name]) => name)).toEqual(names);
  }
  const lines = await served.post(RIVERS, { ...NDJSON, ...FLAT });
  expect(applied(lines)).toEqual([200, "columns=flat", VARY]);
  expect(Object.keys(JSON.parse((await lines.text()).split("\n")[0] ?? ""))).toEqual(names);
  const csv = await served.post(RIVERS, { ...CSV, ...FLAT });
  expect(applied(csv)).toEqual([200, "columns=flat", VARY]);
  expect((await csv.text()).split("\r\n")[0]).toBe(names.join(","));
});

test("names that collide are refused as a GraphQL error in JSON", async () => {
  const response = await served.post("{ rivers { country_name: id country { name } } }", { ...CSV, ...FLAT });
  const body = (await response.json()) as { errors: { message: string; extensions: { code: string } }[] };
  expect([response.status, body.errors[0]?.extensions.code]).toEqual([400, "BAD_USER_INPUT"]);
  expect(body.errors[0]?.message).toBe(
    "Two columns would be named country_name without their objects; give one of them an alias, or leave columns=flat out.",
  );
});

test("extension types are left out of Arrow alone, and together with flat columns", async () => {
  for (const form of [STREAM, FILE]) {
    const response = await served.post(RIVERS, { ...form, ...PLAIN });
    expect(applied(response)).toEqual([200, "extension-types=omitted", VARY]);
    expect(await fieldsOf(response)).toEqual([
      ["id", undefined],
      ["facts", undefined],
      ["country", undefined],
    ]);
  }
  const both = await served.post(RIVERS, { ...STREAM, prefer: "extension-types=omitted, columns=flat" });
  expect(applied(both)).toEqual([200, "columns=flat, extension-types=omitted", VARY]);
  expect((await fieldsOf(both)).at(-1)).toEqual(["country_name", undefined]);
  const csv = await served.post(RIVERS, { ...CSV, ...PLAIN });
  expect(applied(csv)).toEqual([200, null, VARY]);
});

test("each preference has its own tag and its own place in the cache", async () => {
  const tags = new Set<string | null>();
  const wishes = ["", FLAT.prefer, PLAIN.prefer, "columns=flat, extension-types=omitted"];
  for (const prefer of [...wishes, ...wishes]) {
    const response = await served.get(RIVERS, { ...STREAM, prefer });
    tags.add(response.headers.get("etag"));
    const fields = await fieldsOf(response);
    expect(fields.at(-1)?.[0]).toBe(prefer.includes("flat") ? "country_name" : "country");
    expect(fields[1]?.[1]).toBe(prefer.includes("omitted") ? undefined : "arrow.json");
  }
  expect(tags.size).toBe(4);
  const [known = ""] = [...tags].filter((tag) => tag !== null);
  const again = await served.get(RIVERS, { ...STREAM, "if-none-match": known });
  expect(again.status).toBe(304);
  expect((await served.get(RIVERS, { ...STREAM, ...FLAT, "if-none-match": known })).status).toBe(200);
});
