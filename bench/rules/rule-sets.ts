/** Ten thousand rules and the events they are asked about, in the three languages that are compared. */
import type { ChangeEvent } from "../../src/core/events/change-event.ts";
import type { Entities, Entity, EntityField, FieldType } from "../../src/core/rules/entities.ts";

/** One rule: `customer = … && status changed to … && total > … && note like …`, as far as it has those clauses. */
export type BenchRule = {
  readonly name: string;
  readonly org: string;
  readonly entity: string;
  readonly customer?: number;
  readonly status?: string;
  readonly totalOver?: number;
  readonly totalBelow?: number;
  readonly note?: string;
};

export type RuleSet = {
  readonly name: string;
  readonly rules: readonly BenchRule[];
  readonly events: readonly ChangeEvent[];
};

const STATUSES = ["new", "paid", "shipped", "returned"];
const ENTITIES = Array.from({ length: 20 }, (_, index) => `Entity${index}`);
const RULES = 10_000;
const EVENTS = 10_000;

/** 1,000 orgs with 10 rules each, on 20 entities. */
export function usual(): RuleSet {
  const rules = Array.from({ length: RULES }, (_, index) => ({
    ...fourClauses(index),
    org: `org${index % 1_000}`,
    entity: ENTITIES[(index * 7) % 20] as string,
  }));
  return { name: "usual", rules, events: events((index) => [`org${(index * 13) % 1_000}`, (index * 11) % 20]) };
}

/** All rules of one org on one entity for one operation: half ask for a customer, half for a band of a number. */
export function worst(): RuleSet {
  const rules = Array.from({ length: RULES }, (_, index) => ({
    ...(index % 2 === 0 ? fourClauses(index) : band(index)),
    org: "org0",
    entity: "Entity0",
  }));
  return { name: "worst", rules, events: events(() => ["org0", 0]) };
}

/** As `worst`, but nothing in a rule that any index could use: each is asked for each event. */
export function unindexed(): RuleSet {
  const rules = Array.from({ length: RULES }, (_, index) => ({
    name: `r${index}`,
    org: "org0",
    entity: "Entity0",
    note: `${index} begins`,
  }));
  return { name: "unindexed", rules, events: events(() => ["org0", 0]) };
}

function fourClauses(index: number) {
  return {
    name: `r${index}`,
    customer: index,
    status: STATUSES[index % 4] as string,
    totalOver: (index * 37) % 1_000,
    note: "gift",
  };
}

function band(index: number) {
  return { name: `r${index}`, totalOver: index / 10, totalBelow: (index + 3) / 10 };
}

function events(place: (index: number) => readonly [org: string, entity: number]): readonly ChangeEvent[] {
  return Array.from({ length: EVENTS }, (_, index) => {
    const [org, entity] = place(index);
    const row = {
      id: index,
      customer_id: (index * 17) % RULES,
      total: ((index * 7919) % 100_000) / 100,
      note: index % 3 ? "gift card" : null,
    };
    return {
      id: `e:${index}`,
      position: index,
      table: `public.entity${entity}`,
      operation: "update",
      key: `[${index}]`,
      before: { ...row, status: STATUSES[(index + 1) % 4] as string },
      after: { ...row, status: STATUSES[index % 4] as string },
      spilled: false,
      occurredAt: "2026-03-01T12:00:00.000000Z",
      org,
      actor: "ada",
      traceparent: null,
      cause: null,
    };
  });
}

const field = (name: string, kind: Exclude<FieldType["kind"], "enum" | "array">): [string, EntityField] => [
  name,
  { name, type: { kind }, nullable: true },
];
const FIELDS = new Map([
  field("id", "bigint"),
  field("customer_id", "integer"),
  field("total", "numeric"),
  field("status", "text"),
  field("note", "text"),
]);

export const BENCH_ENTITIES: Entities = new Map(
  ENTITIES.map((name): [string, Entity] => [name, { name, table: `public.${name.toLowerCase()}`, fields: FIELDS }]),
);

/** In the language of the rules here. */
export function conditionOf({ customer, status, totalOver, totalBelow, note }: BenchRule): string {
  return [
    customer === undefined ? "" : `customer_id = ${customer}`,
    status === undefined ? "" : `changed_to(status, '${status}')`,
    totalOver === undefined ? "" : `total > ${totalOver}`,
    totalBelow === undefined ? "" : `total < ${totalBelow}`,
    note === undefined ? "" : `note like '${note}%'`,
  ]
    .filter((clause) => clause !== "")
    .join(" && ");
}
