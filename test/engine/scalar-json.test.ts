/** From PostgreSQL 17 on a scalar becomes JSON by another function: the answers stay the same, byte for byte. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { readServerVersion } from "../../src/adapters/postgres/server-version.ts";
import { createOperations, type Operations } from "../../src/core/operations.ts";
import { CSV_LINES, JSON_LINES } from "../../src/core/sql/exports/lines.ts";
import type { Statement } from "../../src/ports/database.ts";
import { type Served, serve } from "./served.ts";

/** Every character that PostgreSQL can hold, a thousand to a text. */
const CHARACTERS = `
  select string_agg(chr(n), '' order by n) as text from generate_series(1, 1114111) as n
  where n not between 55296 and 57343 group by n / 1000`;
const SETUP = `
  create domain label as text;
  create table sample (
    id int generated always as identity primary key, name text, short varchar, padded char(9), label label, tags text[],
    at timestamptz, local timestamp, days timestamp[], host inet, hosts inet[]
  );
  insert into sample (name, short, label, tags)
    select text, left(text, 7), text, array[left(text, 3), null, right(text, 3)] from (${CHARACTERS}) as characters;
  insert into sample (name, padded) values (null, 'x'), ('', ''), ('\\u0041 "\\', ' "');
  insert into sample (at, local, days, host, hosts) select at, at, array[at, null], host, array[host] from unnest(
    array['2024-02-29 23:59:59.999999+00', 'infinity', '-infinity', '0044-03-15 12:00:00+00 BC', '12024-01-01 00:00:00+05:30']::timestamptz[],
    array['10.0.0.1', '10.0.0.0/8', '::1', 'fe80::/64', '::ffff:1.2.3.4']::inet[]) as v(at, host)`;

const DOCUMENT =
  "{ samples(limit: 2000) { id name short padded label tags at local days host hosts } largest: samplesAggregate { max { name at } } }";
const LIST = "{ samples(limit: 2000) { id name short padded label tags at local days host hosts } }";
const LIMITS = { pageRowsMax: 2_000 };

let api: Served;
let old: Operations;
let recent: Operations;
beforeAll(async () => {
  api = await serve("scalar_json", SETUP);
  const version = await readServerVersion(api.database);
  expect(version).toBeGreaterThanOrEqual(170_000);
  old = createOperations(api.model, { limits: LIMITS, serverVersion: () => 160_009 });
  recent = createOperations(api.model, { limits: LIMITS, serverVersion: () => version });
}, 60_000);
afterAll(() => api.close());

const rowsOf = ({ text, values }: Statement) => api.database.rows({ text, values });

test("documents are the same, and hold every character as it is", async () => {
  const statementOf = (operations: Operations): Statement => {
    const prepared = operations.prepare({ query: DOCUMENT });
    if (prepared.kind !== "statement") throw new TypeError("a query is a statement");
    return prepared.statement;
  };
  expect(statementOf(old).text).not.toContain("json_scalar");
  expect(statementOf(recent).text).not.toContain("to_json(");
  const [[before] = []] = await rowsOf(statementOf(old));
  const [[after] = []] = await rowsOf(statementOf(recent));
  expect(after === before).toBe(true);
  const { samples } = JSON.parse(after ?? "").data as { samples: { name: string | null }[] };
  const [[characters] = []] = await rowsOf({ text: "select string_agg(name, '' order by id) from sample", values: [] });
  expect(samples.map(({ name }) => name ?? "").join("") === characters).toBe(true);
});

test("lines of JSON and of CSV are the same", async () => {
  for (const form of [JSON_LINES.nested.whole, CSV_LINES.nested.whole, CSV_LINES.flat.whole]) {
    const before = old.prepareAs(form, { query: LIST }).statement;
    const after = recent.prepareAs(form, { query: LIST }).statement;
    expect(after.text).not.toBe(before.text);
    expect(Bun.deepEquals(await rowsOf(after), await rowsOf(before))).toBe(true);
  }
});

test("mutations keep to what every version has: they may go to another server", () => {
  const prepared = recent.prepare({ query: 'mutation { insertSample(values: { name: "a" }) { name } }' });
  expect(prepared.kind === "mutation" && JSON.stringify(prepared.writes)).toContain("to_json");
});
