import { afterAll, beforeAll, expect, test } from "bun:test";
import postgres from "postgres";
import type { ChangeOperation } from "../../../src/core/events/change-event.ts";
import { readExactJson } from "../../../src/core/events/exact-json.ts";
import type { JsonObject } from "../../../src/core/events/json.ts";
import { compileCondition } from "../../../src/core/rules/conditions/compile-condition.ts";
import type { Condition } from "../../../src/core/rules/conditions/condition.ts";
import { conditionToSql } from "../../../src/core/rules/conditions/condition-sql.ts";
import { ARITHMETIC, digitsOf, parseNumber } from "../../../src/core/rules/conditions/decimal.ts";
import { printCondition } from "../../../src/core/rules/conditions/print-condition.ts";
import { DEFAULT_RETRY } from "../../../src/core/rules/rule.ts";
import type { LiveRule } from "../../../src/core/rules/rule-bucket.ts";
import { changeRuleIndex, createRuleIndex, matchEvent } from "../../../src/core/rules/rule-index.ts";
import { type RuleInput, ruleInput } from "../../../src/core/rules/rule-input.ts";
import { identifier, join, renderText, sql } from "../../../src/core/sql/fragment.ts";
import { type TestDatabase, testDatabase } from "../../support/postgres.ts";
import { seeded } from "../../support/seeded.ts";
import { eventOf, NOW, ORDER } from "./orders.ts";
import { POOLS, RandomConditions } from "./random-conditions.ts";

const SEED = Number(process.env["FRAISEQL_TEST_SEED"] ?? 20_260_301);
const ROWS = 200;
const PAIRS = 500;
const CONDITIONS = 400;
const IN_ONE_STATEMENT = 40;

const TABLES = `
  create type status as enum ('new', 'paid', 'shipped');
  create table orders (row_id int primary key, id bigint, total numeric, items int, weight float8, status status, note text,
    code char(3), paid boolean, owner uuid, due date, made_at timestamp, seen_at timestamptz, data jsonb, tags text[],
    place point, customer_id int);
  create table pairs (pair_id int primary key, op text, old_id int, new_id int, claims jsonb);
`;

let database: TestDatabase;
let client: postgres.Sql;

beforeAll(async () => {
  database = await testDatabase("conditions", TABLES);
  client = postgres(database.url, { max: 1, connection: { TimeZone: "UTC" }, fetch_types: false });
  const random = new RandomConditions(SEED + 1);
  const chance = seeded(SEED + 2);
  const maybe = (pool: readonly string[]) => (chance() < 0.15 ? null : random.pick(pool));
  const array = () => (chance() < 0.2 ? null : `{${chance() < 0.5 ? 'a,"É"' : "a,NULL"}}`);
  const { integer, bigint, numeric, float, text, boolean, uuid, date, timestamp, timestamptz, json } = POOLS;
  const rows = Array.from({ length: ROWS }, (_, index) => [
    String(index),
    ...[
      bigint,
      numeric,
      integer,
      float,
      POOLS.enum,
      text,
      ["a", "ab", ""],
      boolean,
      uuid,
      date,
      timestamp,
      timestamptz,
      json,
    ].map(maybe),
    array(),
    maybe(["(1,2)", "(3,4)"]),
    maybe(integer),
  ]);
  for (const row of rows) {
    await client.unsafe(
      `insert into orders values (${row.map((_, index) => `$${index + 1}::text::${CASTS[index]}`).join(",")})`,
      row,
    );
  }
  for (let pair = 0; pair < PAIRS; pair += 1) {
    const op = random.pick(["insert", "update", "update", "update", "delete"] as const);
    const id = () => String(Math.floor(chance() * ROWS));
    const old = id();
    // Often the same row, so that not everything has changed.
    const now = chance() < 0.3 ? old : id();
    const claims = random.pick(['{"sub": "ada", "level": 7}', '{"sub": null}', "{}"]);
    await client.unsafe("insert into pairs values ($1::text::int, $2, $3::text::int, $4::text::int, $5::text::jsonb)", [
      String(pair),
      op,
      op === "insert" ? null : old,
      op === "delete" ? null : now,
      claims,
    ]);
  }
}, 60_000);

const CASTS =
  "int,bigint,numeric,int,float8,status,text,char(3),boolean,uuid,date,timestamp,timestamptz,jsonb,text[],point,int".split(
    /,(?!\d)/,
  );

afterAll(async () => {
  await client?.end();
  await database?.drop();
});

async function inputs(): Promise<readonly RuleInput[]> {
  const found =
    await client.unsafe(`select op, claims::text as claims, row_to_json(old)::text as before, row_to_json(new)::text as after
    from pairs left join orders as old on old.row_id = old_id left join orders as new on new.row_id = new_id order by pair_id`);
  return found.map(({ op, claims, before, after }) => ({
    operation: op as ChangeOperation,
    before: before && (readExactJson(before) as JsonObject),
    after: after && (readExactJson(after) as JsonObject),
    claims: readExactJson(claims) as JsonObject,
    now: NOW,
  }));
}

async function inSql(
  conditions: readonly Condition[],
  claims = sql`pairs.claims`,
): Promise<readonly (readonly unknown[])[]> {
  const rows = {
    old: sql`old`,
    new: sql`new`,
    operation: sql`pairs.op`,
    claims,
    now: sql`'2026-03-01T12:00:00Z'::timestamptz`,
  };
  const expressions = conditions.map(
    (condition, index) => sql`${conditionToSql(condition, ORDER, rows)} as ${identifier(`c${index}`)}`,
  );
  const { text, parameters } = renderText(sql`select ${join(expressions, ", ")} from pairs
    left join orders as old on old.row_id = old_id left join orders as new on new.row_id = new_id order by pair_id`);
  const values = parameters.map(({ read }) => read({}));
  const found = await client.unsafe(text, values);
  return found.map((row) => conditions.map((_, index) => row[`c${index}`]));
}

test("conditions are true, false and null for the rows for which SQL says so", async () => {
  const events = await inputs();
  const random = new RandomConditions(SEED);
  const counts = new Map<unknown, number>();
  for (let done = 0; done < CONDITIONS; done += IN_ONE_STATEMENT) {
    const conditions = Array.from({ length: IN_ONE_STATEMENT }, () => random.next());
    const expected = await inSql(conditions);
    conditions.forEach((condition, index) => {
      const evaluate = compileCondition(condition, ORDER);
      events.forEach((event, row) => {
        const truth = evaluate(event);
        counts.set(truth, (counts.get(truth) ?? 0) + 1);
        if (truth === expected[row]?.[index]) return;
        throw new Error(
          `seed ${SEED}: ${printCondition(condition)} is ${truth}, in SQL ${expected[row]?.[index]}, for ${JSON.stringify(event)}`,
        );
      });
    });
  }
  expect([...counts.values()].reduce((a, b) => a + b)).toBe(CONDITIONS * PAIRS);
  // A generator that makes nothing true would prove nothing.
  for (const truth of [true, false, null]) expect(counts.get(truth)).toBeGreaterThan(10_000);
}, 120_000);

test("arithmetic has the digits of numeric", async () => {
  const operands = [
    "0",
    "1",
    "2",
    "3",
    "7",
    "-2.5",
    "0.0003",
    "9999",
    "10000",
    "10001",
    "123456789.987654321",
    "1e30",
    "-1e-20",
  ];
  const random = seeded(SEED);
  const more = Array.from({ length: 40 }, () =>
    (random() * 10 ** Math.floor(random() * 20 - 8)).toFixed(Math.floor(random() * 12)),
  );
  const numbers = [...operands, ...more].map((text) => parseNumber(text) ?? 0);
  const found = await client.unsafe(
    `with numbers as (select trim_scale(value::numeric) as value, place from unnest($1::text[]) with ordinality as t (value, place))
     select trim_scale(a.value + b.value)::text as add, trim_scale(a.value - b.value)::text as subtract,
       trim_scale(a.value * b.value)::text as multiply, trim_scale(a.value / nullif(b.value, 0))::text as divide,
       trim_scale(a.value % nullif(b.value, 0))::text as remainder
     from numbers as a, numbers as b order by a.place, b.place`,
    [`{${numbers.map(digitsOf).join(",")}}`],
  );
  const ours = numbers.flatMap((a) =>
    numbers.map((b) =>
      Object.fromEntries(
        Object.entries(ARITHMETIC).map(([name, compute]) => {
          const result = compute(a, b);
          return [name, result === null ? null : digitsOf(result)];
        }),
      ),
    ),
  );
  expect(ours).toEqual(found.map((row) => ({ ...row })) as never);
});

/** What an event of this test says of who wrote the row. */
const OF_EVENTS = sql`jsonb_build_object('sub', pairs.claims->'sub', 'org', coalesce(pairs.claims->>'org', 'acme'))`;

/** The names of the rules whose condition holds, event by event, as a \`where\` finds them. */
async function matchingInSql(rules: readonly LiveRule["rule"][]): Promise<readonly ReadonlySet<string>[]> {
  const found = Array.from({ length: PAIRS }, () => new Set<string>());
  for (let at = 0; at < rules.length; at += IN_ONE_STATEMENT) {
    const some = rules.slice(at, at + IN_ONE_STATEMENT);
    const truths = await inSql(
      some.map(({ condition }) => condition),
      OF_EVENTS,
    );
    for (const [row, each] of truths.entries()) {
      for (const [index, { name }] of some.entries()) if (each[index] === true) found[row]?.add(name);
    }
  }
  return found;
}

test("an index finds the rules that each of them alone finds, and that a where of SQL finds, the highest priority first", async () => {
  const events = await inputs();
  const random = new RandomConditions(SEED + 3);
  const operations = ["insert", "update", "delete"] as const;
  const rules: LiveRule[] = Array.from({ length: 600 }, (_, index) => ({
    version: 1,
    rule: {
      name: `rule-${index}`,
      entity: ORDER,
      operations: random.pick([operations, ["update"], ["insert", "delete"]] as const),
      condition: random.next(),
      conditionForm: "text",
      actions: [],
      priority: random.pick([0, 0, 5]),
      enabled: random.pick([true, true, true, false]),
      org: random.pick([null, "acme", "other"]),
      retry: DEFAULT_RETRY,
      timeoutMs: 1_000,
      onFailure: "dead-letter",
    },
  }));
  const half = createRuleIndex(rules.slice(0, 300), 1);
  const grown = changeRuleIndex(half, { put: rules.slice(300), remove: [] }, 2);
  const index = changeRuleIndex(grown, { put: [], remove: rules.slice(0, 100).map(({ rule }) => rule.name) }, 3);
  const left = rules.slice(100).map(({ rule }) => ({ rule, evaluate: compileCondition(rule.condition, ORDER) }));
  const inDatabase = await matchingInSql(left.map(({ rule }) => rule));
  const priorities = new Map(left.map(({ rule }) => [rule.name, rule.priority]));
  let matched = 0;
  for (const [row, input] of events.entries()) {
    const { sub, org = "acme" } = { sub: null, ...input.claims } as { sub: string | null; org?: string };
    const event = eventOf({ ...input, org, actor: sub });
    const asked = left.filter(
      ({ rule }) => rule.enabled && rule.operations.includes(event.operation) && [null, org].includes(rule.org),
    );
    const naive = asked.filter(({ evaluate }) => evaluate(ruleInput(event, NOW)) === true).map(({ rule }) => rule.name);
    const found = matchEvent(index, event, NOW).map(({ rule }) => rule.name);
    expect(found.toSorted()).toEqual(naive.toSorted());
    expect(naive).toEqual(asked.map(({ rule }) => rule.name).filter((name) => inDatabase[row]?.has(name)));
    const order = found.map((name) => priorities.get(name) ?? 0);
    expect(order).toEqual(order.toSorted((a, b) => b - a));
    matched += found.length;
  }
  expect(matched).toBeGreaterThan(10_000);
}, 120_000);
