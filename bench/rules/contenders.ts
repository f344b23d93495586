/** Each contender as one function from an event to the names of the rules that match. */
import { Environment } from "@marcbachmann/cel-js";
import { Engine } from "json-rules-engine";
import type { ChangeEvent } from "../../src/core/events/change-event.ts";
import { checkRule } from "../../src/core/rules/check-rule.ts";
import { createRuleIndex, matchEvent } from "../../src/core/rules/rule-index.ts";
import { BENCH_ENTITIES, type BenchRule, conditionOf } from "./rule-sets.ts";

export type Matcher = (event: ChangeEvent) => readonly string[] | Promise<readonly string[]>;
export type Contender = { readonly name: string; readonly load: (rules: readonly BenchRule[]) => Matcher };

const NOW = "2026-03-01T12:00:00Z";

export const OURS: Contender = {
  name: "fraiseql",
  load: (rules) => {
    const actions = new Map([["webhook", { templates: {}, check: () => [] }]]);
    const live = rules.map(({ name, org, entity, ...clauses }) => {
      const form = {
        name,
        org,
        entity,
        operations: ["update"],
        condition: conditionOf({ name, org, entity, ...clauses }),
        actions: [{ kind: "webhook" }],
      };
      const checked = checkRule(form, { entities: BENCH_ENTITIES, actions });
      if ("problems" in checked) throw new Error(JSON.stringify(checked.problems));
      return { rule: checked.rule, version: 1 };
    });
    const index = createRuleIndex(live, 1);
    return (event) => matchEvent(index, event, NOW).map(({ rule }) => rule.name);
  },
};

/** Every expression parsed once and asked for each event, as its manual shows it. */
export const CEL: Contender = {
  name: "@marcbachmann/cel-js",
  load: (rules) => {
    const environment = new Environment()
      .registerVariable("org", "string")
      .registerVariable("table", "string")
      .registerVariable("old", "dyn")
      .registerVariable("row", "dyn");
    const parsed = rules.map((rule) => ({ name: rule.name, holds: environment.parse(celOf(rule)) }));
    return (event) => {
      const facts = { org: event.org, table: event.table, old: event.before, row: event.after };
      return parsed.filter(({ holds }) => holds(facts) === true).map(({ name }) => name);
    };
  },
};

function celOf({ org, entity, customer, status, totalOver, totalBelow, note }: BenchRule): string {
  return [
    `org == "${org}" && table == "public.${entity.toLowerCase()}"`,
    customer === undefined ? "" : `row.customer_id == ${customer}.0`,
    status === undefined ? "" : `old.status != row.status && row.status == "${status}"`,
    totalOver === undefined ? "" : `row.total > ${totalOver.toFixed(2)}`,
    totalBelow === undefined ? "" : `row.total < ${totalBelow.toFixed(2)}`,
    note === undefined ? "" : `row.note != null && row.note.startsWith("${note}")`,
  ]
    .filter((clause) => clause !== "")
    .join(" && ");
}

/** All rules in one engine: it has no other way to ask many. */
export const JSON_RULES: Contender = {
  name: "json-rules-engine",
  load: (rules) => {
    const engine = new Engine();
    engine.addOperator(
      "startsWith",
      (text: unknown, begin: string) => typeof text === "string" && text.startsWith(begin),
    );
    for (const rule of rules) engine.addRule({ conditions: { all: jsonOf(rule) }, event: { type: rule.name } });
    return async (event) => {
      const changed = event.before?.["status"] !== event.after?.["status"];
      const { events } = await engine.run({ org: event.org, table: event.table, changed, ...event.after });
      return events.map(({ type }) => type);
    };
  },
};

function jsonOf({ org, entity, customer, status, totalOver, totalBelow, note }: BenchRule) {
  const clause = (fact: string, operator: string, value: unknown) =>
    value === undefined ? [] : [{ fact, operator, value }];
  return [
    ...clause("org", "equal", org),
    ...clause("table", "equal", `public.${entity.toLowerCase()}`),
    ...clause("customer_id", "equal", customer),
    ...clause("changed", "equal", status === undefined ? undefined : true),
    ...clause("status", "equal", status),
    ...clause("total", "greaterThan", totalOver),
    ...clause("total", "lessThan", totalBelow),
    ...clause("note", "startsWith", note),
  ];
}
