/**
 * What must hold of a change before a condition can be true of it, in forms that an index can be asked for: the access
 * predicates of Aguilera et al., "Matching events in a content-based subscription system", 1999.
 */
import type { ChangeOperation } from "../events/change-event.ts";
import { keyOf, knownClass, literalIn } from "./conditions/compile-value.ts";
import { type Condition, isLiteral, type Literal, type Path, type Value } from "./conditions/condition.ts";
import { digitsOf, type Numeric } from "./conditions/decimal.ts";
import { printPath } from "./conditions/print-condition.ts";
import { classOfLiteral, type Reading, readingOf } from "./conditions/value-class.ts";
import type { Entity } from "./entities.ts";

export type AccessKey = ReturnType<typeof keyOf>;

/** The value at the path, read so, is one of these. */
export type EqualAccess = {
  readonly kind: "equal";
  readonly id: string;
  readonly path: Path;
  readonly reading: Reading;
  readonly keys: ReadonlySet<AccessKey>;
};
/** The number at the path is not outside of these bounds; rounded to doubles, so it may be just outside. */
export type RangeAccess = {
  readonly kind: "range";
  readonly id: string;
  readonly path: Path;
  readonly low: number;
  readonly high: number;
};
export type ChangedAccess = { readonly kind: "changed"; readonly id: string; readonly path: Path };
export type Access = EqualAccess | RangeAccess | ChangedAccess;

/** All of them hold wherever the condition is true, for changes of that operation. */
export function accessesOf(condition: Condition, operation: ChangeOperation, entity: Entity): readonly Access[] {
  const place = (path: Path): Path =>
    path.root === "row" ? { ...path, root: operation === "delete" ? "old" : "new" } : path;
  const equal = (value: Value, literals: readonly Literal[]) =>
    value.kind === "path" ? equalAccess(place(value), literals, entity) : [];
  switch (condition.kind) {
    case "and":
      return merged(condition.parts.flatMap((part) => accessesOf(part, operation, entity)));
    case "or":
      return anyOf(condition.parts.map((part) => accessesOf(part, operation, entity)));
    case "in":
      return condition.negated ? [] : equal(condition.value, condition.list);
    case "compare": {
      const [value, literal, turned] = isLiteral(condition.left)
        ? [condition.right, condition.left, true]
        : [condition.left, condition.right, false];
      if (!isLiteral(literal) || value.kind !== "path") return [];
      if (condition.operator === "eq") return equal(value, [literal]);
      return rangeAccess(place(value), condition.operator, turned, literal);
    }
    case "changed":
      return [changedAccess(condition.field)];
    case "changed-from":
      return [changedAccess(condition.field), ...equal({ ...condition.field, root: "old" }, [condition.value])];
    case "changed-to":
      return [changedAccess(condition.field), ...equal({ ...condition.field, root: "new" }, [condition.value])];
    default:
      return [];
  }
}

function equalAccess(path: Path, literals: readonly Literal[], entity: Entity): readonly Access[] {
  const known = knownClass(path, entity);
  const readings = literals.map((literal) => readingOf(known, classOfLiteral(literal)));
  const [reading] = readings;
  if (reading === undefined || reading === "json" || readings.some((other) => other !== reading)) return [];
  const keys = new Set<AccessKey>();
  for (const literal of literals)
    keys.add(keyOf(literalIn(literal, reading, entity, known) as Numeric | string | boolean));
  return [{ kind: "equal", id: `${reading} ${printPath(path)}`, path, reading, keys }];
}

const OPEN = { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };

/** @param turned whether the literal stands on the left. */
function rangeAccess(path: Path, operator: string, turned: boolean, literal: Literal): readonly Access[] {
  if (literal.kind !== "number" || operator === "neq") return [];
  const bound = Number(literal.digits);
  const isLow = operator.startsWith("g") !== turned;
  return [{ kind: "range", id: printPath(path), path, ...OPEN, ...(isLow ? { low: bound } : { high: bound }) }];
}

function changedAccess(path: Path): Access {
  return { kind: "changed", id: printPath(path), path };
}

/** Bounds of one path, taken together. */
function merged(accesses: readonly Access[]): readonly Access[] {
  const bounds = accesses.filter((access) => access.kind === "range");
  if (bounds.length < 2) return accesses;
  const ranges = new Map<string, RangeAccess>();
  for (const access of bounds) {
    const { low, high } = ranges.get(access.id) ?? access;
    ranges.set(access.id, { ...access, low: Math.max(low, access.low), high: Math.min(high, access.high) });
  }
  return [...accesses.filter(({ kind }) => kind !== "range"), ...ranges.values()];
}

/** Of alternatives: the values any of them allows at a path that all of them ask about. */
function anyOf(alternatives: readonly (readonly Access[])[]): readonly Access[] {
  const [first = [], ...others] = alternatives;
  return first.flatMap((access) => {
    const same = others.map((each) => each.find(({ kind, id }) => kind === access.kind && id === access.id));
    if (!same.every((each) => each !== undefined)) return [];
    return [same.reduce<Access>(widened, access)];
  });
}

function widened(a: Access, b: Access): Access {
  if (a.kind === "equal" && b.kind === "equal") return { ...a, keys: new Set([...a.keys, ...b.keys]) };
  if (a.kind === "range" && b.kind === "range")
    return { ...a, low: Math.min(a.low, b.low), high: Math.max(a.high, b.high) };
  return a;
}

/** The double nearest to a number; the order of numbers stays. */
export function nearestDouble(value: Numeric): number {
  // NaN is above all numbers in SQL.
  const near = typeof value === "number" ? value : Number(digitsOf(value));
  return Number.isNaN(near) ? Number.POSITIVE_INFINITY : near;
}
