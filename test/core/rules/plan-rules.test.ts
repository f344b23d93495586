import { expect, test } from "bun:test";
import { isEmptyPlan, planRules, planText } from "../../../src/core/rules/plan-rules.ts";

const rule = (name: string, more: Record<string, string | number>) => ({ name, definition: { name, ...more } });

test("a plan names what is added, changed field by field, and removed, and prints it", () => {
  const plan = planRules(
    [rule("b", { condition: "total > 1", priority: 1 }), rule("gone", {}), rule("same", { priority: 1 })],
    [rule("same", { priority: 1 }), rule("b", { condition: "total > 2", priority: 1 }), rule("a", { priority: 3 })],
  );
  expect(planText(plan)).toBe(
    `+ a
    priority: 3
~ b
    condition: total > 1 → total > 2
- gone
1 to add, 1 to change, 1 to remove`,
  );
  expect(plan.changed[0]?.fields).toEqual([{ field: "condition", before: "total > 1", after: "total > 2" }]);
  expect(isEmptyPlan(plan)).toBe(false);
});

test("equal rules need no change, whatever the order of their keys", () => {
  const plan = planRules([{ name: "a", definition: { x: 1, y: 2 } }], [{ name: "a", definition: { y: 2, x: 1 } }]);
  expect(isEmptyPlan(plan)).toBe(true);
  expect(planText(plan)).toBe("0 to add, 0 to change, 0 to remove");
});
