import { describe, expect, test } from "bun:test";
import type { JsonObject } from "../../../src/core/events/json.ts";
import { type ActionKind, checkRule, type RuleScope, writeRule } from "../../../src/core/rules/check-rule.ts";
import { explainRule } from "../../../src/core/rules/explain-rule.ts";
import type { LiveRule } from "../../../src/core/rules/rule-bucket.ts";
import { changeRuleIndex, createRuleIndex, matchEvent, rulesOfTable } from "../../../src/core/rules/rule-index.ts";
import { eventOf, NOW, ORDER } from "./orders.ts";

const SCOPE: RuleScope = {
  entities: new Map([["Order", ORDER]]),
  actions: new Map<string, ActionKind>([
    [
      "webhook",
      {
        templates: { url: "url", body: "json" },
        check: ({ url }) => (typeof url === "string" ? [] : [{ path: ["url"], message: "a url is needed" }]),
      },
    ],
    ["email", { templates: {}, check: () => [] }],
  ]),
};

const GOOD = {
  name: "big-orders",
  entity: "Order",
  operations: ["insert", "update"],
  condition: "total > 100",
  actions: [{ kind: "webhook", url: "https://example.com/hook" }],
};

function live(changes: JsonObject, version = 1): LiveRule {
  const checked = checkRule({ ...GOOD, ...changes }, SCOPE);
  if ("problems" in checked) throw new Error(JSON.stringify(checked.problems));
  return { rule: checked.rule, version };
}

const problems = (input: unknown) => {
  const checked = checkRule(input, SCOPE);
  return "problems" in checked ? checked.problems : [];
};

describe("a rule", () => {
  test("is refused at the place where its condition has no value, and an option without one is left out", () => {
    const nothing = { message: "there is no value here (undefined)" };
    const at = (condition: unknown) => problems({ ...GOOD, condition });
    expect(at({ total: { _eq: undefined } })).toEqual([{ path: ["condition", "total", "_eq"], ...nothing }]);
    for (const list of [[1, undefined], new Array(2).fill(1, 0, 1)])
      expect(at({ total: { _in: list } })).toEqual([{ path: ["condition", "total", "_in", 1], ...nothing }]);
    expect(at({ total: { _eq: { _json: [undefined] } } })).toMatchObject([nothing]);
    const options = { headers: { one: undefined, two: "x" }, secret: undefined };
    const checked = checkRule({ ...GOOD, actions: [{ ...GOOD.actions[0], ...options }] }, SCOPE);
    const { url } = GOOD.actions[0] as { url: string };
    expect("rule" in checked && writeRule(checked.rule)["actions"]).toStrictEqual([
      { kind: "webhook", url, headers: { two: "x" } },
    ]);
  });

  test("holds no half of a character, which PostgreSQL could not keep", () => {
    const half = { message: "this holds half a character (a lone surrogate)" };
    const [url, kind] = ["https://example.com", "webhook"];
    expect(problems({ ...GOOD, condition: "status = '\ud83d'" })).toEqual([{ path: ["condition"], ...half }]);
    expect(problems({ ...GOOD, condition: { status: { _in: ["a", "\ude00"] } } })).toEqual([
      { path: ["condition", "status", "_in", 1], ...half },
    ]);
    expect(problems({ ...GOOD, actions: [{ kind, url, body: ["x\ud83dy"] }] })).toEqual([
      { path: ["actions", 0, "body", 0], ...half },
    ]);
    expect(problems({ ...GOOD, actions: [{ kind, url, body: '"😀"' }] })).toEqual([]);
  });

  test("comes back from what is kept of it", () => {
    for (const condition of ["total > 100", { total: { _gt: 100 } }] as const) {
      const { rule } = live({ condition });
      const written = writeRule(rule);
      expect(written["condition"]).toEqual(condition);
      expect(checkRule(written, SCOPE)).toEqual({ rule });
    }
  });

  test("is refused with what its keys and values have to be", () => {
    const messages = (changes: object) =>
      problems({ ...GOOD, ...changes }).map(({ path, message }) => `${path.join(".")}: ${message}`);
    expect(problems({ ...GOOD, conditon: "total > 1" })).toEqual([
      {
        path: [],
        key: "conditon",
        message: "there is no key conditon; did you mean condition?",
        suggestion: "condition",
      },
    ]);
    expect(messages({ operations: "update", priority: "1", onFailure: "stop" })).toEqual([
      "operations: expected array",
      "priority: expected number",
      'onFailure: expected one of "dead-letter", "disable-rule"',
    ]);
    expect(messages({ operations: [], timeoutMs: 0 })).toEqual([
      "operations: expected at least 1 entries",
      "timeoutMs: expected at least 1",
    ]);
    const backoff = { kind: "fixd", delayMs: 1 };
    expect(messages({ retry: { attemptsMax: 3, backoff, jiter: 0 } })).toEqual([
      "retry.backoff.kind: expected one of the kinds fixed, linear, exponential and schedule",
      "retry: there is no key jiter; did you mean jitter?",
    ]);
  });

  test("is refused with the place and what was meant", () => {
    expect(problems({ ...GOOD, entity: "Oder" })).toEqual([
      { path: ["entity"], message: 'unknown entity "Oder"; did you mean "Order"?', suggestion: "Order" },
    ]);
    expect(problems({ ...GOOD, actions: [{ kind: "webhok" }, { kind: "webhook" }], condition: "totl = 1" })).toEqual([
      {
        path: ["condition"],
        message: 'unknown field of Order "totl"; did you mean "total"?',
        line: 1,
        column: 1,
        suggestion: "total",
      },
      {
        path: ["actions", 0, "kind"],
        message: 'unknown kind of action "webhok"; did you mean "webhook"?',
        suggestion: "webhook",
      },
      { path: ["actions", 1, "url"], message: "a url is needed" },
    ]);
    expect(problems({ ...GOOD, operations: [], nonsense: 1, priority: 0.5 }).map(({ path }) => path.join("."))).toEqual(
      ["operations", "priority", ""],
    );
  });

  test("with a kind of action that is not configured is told what it needs", () => {
    const rule = { ...GOOD, actions: [{ kind: "email" }, { kind: "publish" }] };
    expect(checkRule(rule, { ...SCOPE, actions: new Map() })).toEqual({
      problems: [
        {
          path: ["actions", 0, "kind"],
          message: "actions of kind email need smtp.url and smtp.from in the configuration",
        },
        { path: ["actions", 1, "kind"], message: "actions of kind publish need nats.url in the configuration" },
      ],
    });
  });

  test("has its templates checked where its action takes some", () => {
    const action = { kind: "webhook", url: "https://x/{{ new.idd }}", secret: "{{", body: "[{{ new.id }}" };
    expect(problems({ ...GOOD, actions: [action] })).toEqual([
      {
        path: ["actions", 0, "url"],
        message: 'unknown field of Order "idd"; did you mean "id"?',
        line: 1,
        column: 14,
        suggestion: "id",
      },
      { path: ["actions", 0, "body"], message: "with its values this would not be JSON" },
    ]);
  });

  test("does not lose a key that no reader of forms keeps", () => {
    const condition = JSON.parse('{"__proto__": {"_eq": 1}}');
    expect(problems({ ...GOOD, condition })[0]?.message).toContain('unknown field of Order "__proto__"');
  });
});

describe("an index of rules", () => {
  const rules = [
    live({ name: "a" }),
    live({ name: "b", priority: 5, condition: "changed_to(status, 'shipped')" }),
    live({ name: "c", org: "acme", condition: "customer_id in (1, 2) && total > 0" }),
    live({ name: "d", org: "other", condition: "true" }),
    live({ name: "e", enabled: false, condition: "true" }),
    live({ name: "f", operations: ["delete"], condition: "true" }),
  ];
  const event = eventOf({ before: { status: "paid" }, after: { status: "shipped", total: 150, customer_id: 2 } });
  const names = (matches: readonly LiveRule[]) => matches.map(({ rule }) => rule.name);

  test("finds what matches, the highest priority first", () => {
    const index = createRuleIndex(rules, 7);
    expect(names(matchEvent(index, event, NOW))).toEqual(["b", "a", "c"]);
    expect(names(matchEvent(index, { ...event, table: "public.other" }, NOW))).toEqual([]);
    expect(names(matchEvent(index, { ...event, org: null }, NOW))).toEqual(["b", "a"]);
  });

  test("says of each other rule why it does not", () => {
    const index = createRuleIndex(rules, 7);
    const poor = { ...event, after: { status: "paid", total: 50, customer_id: null } };
    expect(rulesOfTable(index, event.table).map((rule) => explainRule(rule, poor, NOW).reason)).toEqual([
      'changed_to(status, \'shipped\') is false: old.status is "paid", new.status is "paid"',
      "total > 100 is false: total is 50",
      "customer_id in (1, 2) is unknown: customer_id is null",
      "it is for another org",
      "the rule is disabled",
      "it is for delete; this is update",
    ]);
  });

  test("is changed without touching the one before", () => {
    const before = createRuleIndex(rules, 7);
    const after = changeRuleIndex(
      before,
      { put: [live({ name: "a", condition: "total > 1000" }, 2), live({ name: "g" })], remove: ["c"] },
      8,
    );
    expect(names(matchEvent(before, event, NOW))).toEqual(["b", "a", "c"]);
    expect(names(matchEvent(after, event, NOW))).toEqual(["b", "g"]);
    expect([before.version, after.version]).toEqual([7, 8]);
  });
});
