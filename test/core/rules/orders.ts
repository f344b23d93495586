/** The entity the tests of rules are about, and what is made of it. */
import type { ChangeEvent } from "../../../src/core/events/change-event.ts";
import type { JsonObject } from "../../../src/core/events/json.ts";
import { readCondition } from "../../../src/core/rules/check-rule.ts";
import type { Truth } from "../../../src/core/rules/conditions/compile-comparison.ts";
import { compileCondition } from "../../../src/core/rules/conditions/compile-condition.ts";
import type { Entity, EntityField, FieldType } from "../../../src/core/rules/entities.ts";
import type { RuleInput } from "../../../src/core/rules/rule-input.ts";

const field = (name: string, type: FieldType): [string, EntityField] => [name, { name, type, nullable: true }];

export const ORDER: Entity = {
  name: "Order",
  table: "public.orders",
  fields: new Map([
    field("id", { kind: "bigint" }),
    field("total", { kind: "numeric" }),
    field("items", { kind: "integer" }),
    field("weight", { kind: "float" }),
    field("status", { kind: "enum", labels: ["new", "paid", "shipped"] }),
    field("note", { kind: "text" }),
    field("code", { kind: "char" }),
    field("paid", { kind: "boolean" }),
    field("owner", { kind: "uuid" }),
    field("due", { kind: "date" }),
    field("made_at", { kind: "timestamp" }),
    field("seen_at", { kind: "timestamptz" }),
    field("data", { kind: "json" }),
    field("tags", { kind: "array", element: { kind: "text" } }),
    field("place", { kind: "other" }),
    ["customer_id", { name: "customer_id", type: { kind: "integer" }, nullable: false, apiName: "customerId" }],
  ]),
};

export const NOW = "2026-03-01T12:00:00Z";

export function updated(before: JsonObject | null, after: JsonObject | null, rest: Partial<RuleInput> = {}): RuleInput {
  return { operation: "update", before, after, claims: { sub: "ada", org: "acme" }, now: NOW, ...rest };
}

/** What a condition says; throws with its problems when it is not one. */
export function truthOf(condition: string | JsonObject, input: RuleInput): Truth {
  const read = readCondition(condition, ORDER, ["insert", "update", "delete"]);
  if (read.condition === undefined) throw new Error(JSON.stringify(read.problems));
  return compileCondition(read.condition, ORDER)(input);
}

/** The first problem of a condition as `line:column message`, or its keys before the message. */
export function problemOf(
  condition: string | JsonObject,
  operations: ChangeEvent["operation"][] = ["insert", "update"],
): string {
  const [problem] = readCondition(condition, ORDER, operations).problems;
  if (problem === undefined) return "";
  return `${problem.line === undefined ? problem.path.join(".") : `${problem.line}:${problem.column}`} ${problem.message}`;
}

export function eventOf(changes: Partial<ChangeEvent>): ChangeEvent {
  return {
    id: "e:1",
    position: 1,
    table: ORDER.table,
    operation: "update",
    key: "[1]",
    before: null,
    after: null,
    spilled: false,
    occurredAt: "2026-03-01T12:00:00.000000Z",
    org: "acme",
    actor: "ada",
    traceparent: null,
    cause: null,
    ...changes,
  };
}
