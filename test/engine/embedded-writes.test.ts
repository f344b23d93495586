/** Composites and ranges through generated mutations: what is written is what PostgreSQL's own constructors give. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import fc from "fast-check";
import postgres, { type Sql } from "postgres";
import { type Served, serve } from "./served.ts";

const SETUP = `
  create type kind as enum ('home', 'at work');
  create type spot as (x float8, y float8);
  create type address as (street text, "house no" int, kind kind, tags text[], doc jsonb, spot spot, since daterange, seen timestamptz);
  create domain checked as address check ((value)."house no" > 0);
  create table visit (
    id int primary key,
    at address,
    stops address[],
    checked checked,
    during int4range,
    days daterange not null default 'empty',
    shifts tstzrange[],
    constraint one_at_a_time exclude using gist (during with &&)
  );
`;

let api: Served;
let sql: Sql;
beforeAll(async () => {
  api = await serve("embedded_writes", SETUP);
  sql = postgres(api.url, { max: 1 });
});
afterAll(async () => {
  await sql.end();
  await api.close();
});

const AT =
  "{ street houseNo kind tags doc spot { x y } since { lower upper lowerInclusive upperInclusive isEmpty } seen }";
const INSERT = `mutation ($values: VisitInsert!) { insertVisit(values: $values) { at ${AT} stops { street spot { x } } } }`;
const HOME = {
  street: `a "b", (c)\\ '`,
  houseNo: 7,
  kind: "at_work",
  tags: ["x", `y,"{}\\`],
  doc: { k: [1, null, "z"] },
  spot: { x: 1.5, y: null },
  since: { lower: "2026-01-01", upper: "2026-02-01", lowerInclusive: true, upperInclusive: false, isEmpty: false },
  seen: "2026-01-02T03:04:05.678901+00:00",
};
const stored = async (id: number, what: string) =>
  (await sql.unsafe(`select (${what})::text as v from visit where id = ${id}`))[0]?.["v"];

test("a composite is written with all that is in it, and answered as it was given", async () => {
  expect(await api.data(INSERT, { values: { id: 1, at: HOME, stops: [HOME, null, { street: "s" }] } })).toEqual({
    insertVisit: { at: HOME, stops: [{ street: HOME.street, spot: { x: 1.5 } }, null, { street: "s", spot: null }] },
  });
  expect(
    await stored(
      1,
      `at is not distinct from row('a "b", (c)\\ ''', 7, 'at work', array['x', 'y,"{}\\'], '{"k": [1, null, "z"]}'::jsonb, row(1.5, null)::spot,
        '[2026-01-01,2026-02-01)'::daterange, '2026-01-02T03:04:05.678901Z'::timestamptz)::address and cardinality(stops) = 3`,
    ),
  ).toBe("true");
});

test("what a composite leaves out is null, nothing of it is one without values, and null is null", async () => {
  await api.data(INSERT, { values: { id: 2, at: { street: "x" }, stops: [] } });
  await api.data(INSERT, { values: { id: 3, at: {} } });
  await api.data(INSERT, { values: { id: 4, at: null, stops: null } });
  expect([await stored(2, "at"), await stored(2, "stops"), await stored(3, "at"), await stored(4, "at")]).toEqual([
    "(x,,,,,,,)",
    "{}",
    "(,,,,,,,)",
    null,
  ]);
});

test("a range is written with its bounds as they are said, or as PostgreSQL has them by itself", async () => {
  const query = "mutation ($id: Int!, $set: VisitSet!) { updateVisit(id: $id, set: $set) { id } }";
  const written = async (days: object) => {
    await api.data(query, { id: 1, set: { days } });
    return stored(1, "days");
  };
  expect(await written({ lower: "2026-01-01", upper: "2026-01-05" })).toBe("[2026-01-01,2026-01-05)");
  expect(await written({ lower: "2026-01-01", upper: "2026-01-05", lowerInclusive: false, upperInclusive: true })).toBe(
    "[2026-01-02,2026-01-06)",
  );
  expect(await written({ upper: "2026-01-05" })).toBe("(,2026-01-05)");
  expect(await written({ lower: null })).toBe("(,)");
  expect(await written({ isEmpty: true })).toBe("empty");
  const shifts = [{ lower: "2026-01-01T00:00:00Z" }, null, { isEmpty: true }];
  expect(
    await api.data(
      "mutation ($shifts: [DateTimeRangeInsert]) { updateVisit(id: 1, set: { shifts: $shifts }) { shifts { lower isEmpty } } }",
      { shifts },
    ),
  ).toEqual({
    updateVisit: {
      shifts: [{ lower: "2026-01-01T00:00:00+00:00", isEmpty: false }, null, { lower: null, isEmpty: true }],
    },
  });
});

test("many rows are written in one statement or row by row, from variables or from the document", async () => {
  const many =
    "mutation ($values: [VisitInsert!]!) { upsertVisits(values: $values) { at { street } during { lower } } }";
  const values = [
    { id: 10, at: { street: "a" }, during: { lower: 1, upper: 3 } },
    { id: 11, at: null, during: null },
  ];
  expect(await api.data(many, { values })).toEqual({
    upsertVisits: [
      { at: { street: "a" }, during: { lower: 1 } },
      { at: null, during: null },
    ],
  });
  expect(
    await api.data(
      `mutation ($no: Int) { insertVisits(values: [{ id: 12, at: { houseNo: $no, kind: home } }, { id: 13, during: { lower: 5 } }]) { at { houseNo kind } } }`,
      { no: 9 },
    ),
  ).toEqual({ insertVisits: [{ at: { houseNo: 9, kind: "home" } }, { at: null }] });
});

test("what does not fit is refused: bounds that are turned, an empty range with bounds, a domain's check, an exclusion by its field", async () => {
  const failed = async (set: string) => {
    const { errors } = await api.answer(`mutation { updateVisit(id: 11, set: { ${set} }) { id } }`);
    return [errors[0]?.extensions.code as string, errors[0]?.extensions["fields"]];
  };
  expect(await failed("during: { lower: 3, upper: 1 }")).toEqual(["BAD_USER_INPUT", undefined]);
  expect(await failed("during: { lower: 3, isEmpty: true }")).toEqual(["BAD_USER_INPUT", undefined]);
  expect(await failed('at: { strete: "x" }')).toEqual(["VALIDATION_ERROR", undefined]);
  expect(await failed("checked: { houseNo: -1 }")).toEqual(["CHECK_VIOLATED", ["checked"]]);
  expect(await failed("during: { lower: 2 }")).toEqual(["EXCLUSION_VIOLATED", ["during"]]);
  expect(await failed("checked: { houseNo: 1 }")).toEqual([undefined as never, undefined]);
});

test("any texts, lists and numbers come back as they were written, in one row and in many", async () => {
  const text = fc.option(
    fc.string({ unit: "grapheme", maxLength: 8 }).filter((each) => !each.includes("\0")),
    { nil: null },
  );
  const value = fc.record({
    street: text,
    houseNo: fc.option(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), { nil: null }),
    tags: fc.option(fc.array(text, { maxLength: 3 }), { nil: null }),
    spot: fc.option(fc.record({ x: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true }), { nil: null }) }), {
      nil: null,
    }),
  });
  const rows = fc.array(fc.record({ at: fc.option(value, { nil: null }) }), { minLength: 1, maxLength: 3 });
  const query =
    "mutation ($values: [VisitInsert!]!) { deleteVisits(where: { id: { gte: 100 } }) { id } insertVisits(values: $values) { at { street houseNo tags spot { x } } } }";
  await fc.assert(
    fc.asyncProperty(rows, async (made) => {
      const values = made.map(({ at }, index) => ({ id: 100 + index, at }));
      const { insertVisits } = (await api.data(query, { values })) as { insertVisits: { at: unknown }[] };
      // PostgreSQL has one zero.
      const positive = JSON.parse(JSON.stringify(made.map(({ at }) => at)));
      expect(JSON.parse(JSON.stringify(insertVisits.map(({ at }) => at)))).toEqual(positive);
    }),
    { numRuns: 100 },
  );
}, 60_000);
