/** `changed`, `changed_from` and `changed_to`: old and new side by side, where null is a value like any other. */
import type { JsonValue } from "../../events/json.ts";
import type { Entity } from "../entities.ts";
import type { RuleInput } from "../rule-input.ts";
import { type CompiledCondition, compileComparison } from "./compile-comparison.ts";
import { asInstant, asNumber, compilePath, knownClass } from "./compile-value.ts";
import type { Condition, Path } from "./condition.ts";
import { compareNumbers } from "./decimal.ts";
import { compareInstants } from "./instant.ts";
import { equalJson } from "./json-compare.ts";
import { isBlankPadded, withoutPadding } from "./value-class.ts";

type Changed = Extract<Condition, { kind: "changed" | "changed-from" | "changed-to" }>;

/** `old.f is distinct from new.f`, and for the other two that the old or the new value is equal to the given one. */
export function compileChanged(condition: Changed, entity: Entity): CompiledCondition {
  const changed = compileDistinct(condition.field, entity);
  if (condition.kind === "changed") return changed;
  const side: Path = { ...condition.field, root: condition.kind === "changed-from" ? "old" : "new" };
  const equal = compileComparison("eq", side, condition.value, entity);
  // Not changed is false, whatever the value.
  return (input) => (changed(input) ? equal(input) : false);
}

/** Whether a field has another value than before, as `is distinct from` has it. */
export function compileDistinct(field: Path, entity: Entity): (input: RuleInput) => boolean {
  const [before, after] = [compilePath({ ...field, root: "old" }), compilePath({ ...field, root: "new" })];
  const equal = equality(field, entity);
  return (input) => {
    const [old, now] = [before(input), after(input)];
    if (old === now) return false;
    return old === null || now === null || !equal(old, now);
  };
}

function equality(field: Path, entity: Entity): (a: JsonValue, b: JsonValue) => boolean {
  const known = knownClass(field, entity);
  if (known.is === "number") return by(asNumber, (a, b) => compareNumbers(a, b) === 0);
  if (known.is === "time")
    return by(
      (value) => asInstant(value, known.kind),
      (a, b) => compareInstants(a, b) === 0,
    );
  if (isBlankPadded(known)) return (a, b) => withoutPadding(String(a)) === withoutPadding(String(b));
  return equalJson;
}

function by<Value>(read: (value: JsonValue) => Value | null, equal: (a: Value, b: Value) => boolean) {
  return (a: JsonValue, b: JsonValue): boolean => {
    const [left, right] = [read(a), read(b)];
    return left !== null && right !== null ? equal(left, right) : equalJson(a, b);
  };
}
