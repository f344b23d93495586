/** `/api/rules`: what is observed, and what follows from it. */
import * as z from "zod/mini";
import { FraiseqlError } from "../../src/core/errors.ts";
import { RULE } from "../../src/core/rules/rule.ts";
import { endpoint } from "./endpoint.ts";

const BY = "api";
/** Checked by the one validation of rules, which says more than a form can; that is what the document shows. */
const ANY_RULE = z.record(z.string(), z.unknown());
const { $schema: _, ...RULE_FORM } = z.toJSONSchema(RULE, { io: "input" });
z.globalRegistry.add(ANY_RULE, RULE_FORM);

const WANTED = z.strictObject({
  rules: z.array(ANY_RULE).check(z.maxLength(10_000)),
  /** Rules that are not among them are removed. */
  removeOthers: z._default(z.boolean(), false),
  /** The version of the set that the change is made from. */
  expected: z.optional(z.int().check(z.minimum(0))),
});
const LAST = z._default(z.coerce.number().check(z.int(), z.minimum(1), z.maximum(1_000)), 100);

export const RULE_ENDPOINTS = [
  endpoint({
    method: "get",
    path: "/api/rules",
    summary: "All rules and the version of their set",
    answer: "RuleSet",
    run: ({ rules }) => rules.current(),
  }),
  endpoint({
    method: "post",
    path: "/api/rules/plan",
    summary: "What would change if these were the rules",
    body: WANTED,
    errors: ["RULE_INVALID"],
    answer: "PlannedChange",
    run: ({ rules }, { body }) => rules.plan(body),
  }),
  endpoint({
    method: "post",
    path: "/api/rules/apply",
    summary: "These are the rules from now on: all of them or none",
    body: WANTED,
    errors: ["RULE_INVALID", "RULES_CHANGED"],
    answer: "PlannedChange",
    run: ({ rules }, { body: { expected, ...wanted } }) => rules.apply(wanted, { by: BY, expected }),
  }),
  endpoint({
    method: "post",
    path: "/api/rules/test",
    summary: "Which of the last events a rule would have matched, and why not the others",
    body: z.strictObject({ rule: ANY_RULE, last: LAST }),
    errors: ["RULE_INVALID"],
    answer: "RuleTest",
    run: ({ rules }, { body }) => rules.test(body.rule, { last: body.last }),
  }),
  endpoint({
    method: "get",
    path: "/api/rules/:name",
    summary: "One rule with its history",
    answer: "RuleHistory",
    async run({ rules }, { path }) {
      const name = path["name"] ?? "";
      const history = await rules.history(name);
      if (history.length === 0) return undefined;
      return { current: history.find(({ until }) => until === undefined), history };
    },
  }),
  endpoint({
    method: "put",
    path: "/api/rules/:name",
    summary: "Makes or changes one rule, whose name may be left to the path",
    body: ANY_RULE,
    errors: ["RULE_INVALID", "RULES_CHANGED"],
    answer: "PlannedChange",
    async run({ rules }, { path, body }) {
      const rule = { name: path["name"], ...body };
      // What is no name at all is a fault of the rule.
      if (typeof rule.name === "string" && rule.name !== path["name"]) {
        throw new FraiseqlError("REQUEST_ERROR", `The rule's name is ${rule.name}, the path's is ${path["name"]}.`);
      }
      return rules.apply({ rules: [rule], removeOthers: false }, { by: BY });
    },
  }),
  endpoint({
    method: "delete",
    path: "/api/rules/:name",
    summary: "Removes one rule; its history stays",
    answer: "RemovedRule",
    async run({ rules }, { path }) {
      const removed = path["name"] ?? "";
      return (await rules.remove(removed, BY)) ? { removed } : undefined;
    },
  }),
];
