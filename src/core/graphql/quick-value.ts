/**
 * Values of variables read at once: one pass over a value that fits its type. What does not fit, or may not, is left to
 * graphql-js, which says what is wrong with it.
 */
import {
  type GraphQLInputObjectType,
  type GraphQLInputType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
} from "graphql";
import type { Limits } from "../limits.ts";

/** Thrown where graphql-js has to look; never seen outside. */
const UNSURE = new Error("the value may not fit");

/** How many values may still come. */
type Budget = { left: number };
type Read = (value: unknown, levelsLeft: number, budget: Budget) => unknown;

const readers = new WeakMap<GraphQLInputType, Read>();

/** The values as graphql-js would coerce them; undefined where it has to be asked, as it has where one is absent. */
export function quickValues(
  inputs: readonly { readonly name: string; readonly type: GraphQLInputType }[],
  values: Readonly<Record<string, unknown>>,
  { inputNodesMax, inputDepthMax }: Limits,
): Record<string, unknown> | undefined {
  const budget: Budget = { left: inputNodesMax };
  const coerced = Object.create(null) as Record<string, unknown>;
  if (inputs.length !== Object.keys(values).length) return undefined;
  try {
    for (const { name, type } of inputs) {
      const value = Object.hasOwn(values, name) ? values[name] : undefined;
      // It may have a default, or be needed.
      if (value === undefined) return undefined;
      coerced[name] = readerOf(type)(value, inputDepthMax, budget);
    }
    return coerced;
  } catch {
    return undefined;
  }
}

function readerOf(type: GraphQLInputType): Read {
  const known = readers.get(type);
  if (known) return known;
  const made = reader(type);
  readers.set(type, made);
  return made;
}

function reader(type: GraphQLInputType): Read {
  if (isNonNullType(type)) {
    const read = readerOf(type.ofType);
    return (value, levelsLeft, budget) => {
      if (value === null) throw UNSURE;
      return read(value, levelsLeft, budget);
    };
  }
  if (isListType(type)) {
    const read = readerOf(type.ofType);
    return counted((value, levelsLeft, budget) => {
      if (!Array.isArray(value) || levelsLeft <= 0) throw UNSURE;
      return value.map((item) => read(item, levelsLeft - 1, budget));
    });
  }
  if (isInputObjectType(type)) return objectReader(type);
  if (!isLeafType(type)) throw new TypeError("an input is a leaf, a list or an input object");
  return counted((value) => {
    // Inside of a JSON scalar names are not those of a type.
    if (typeof value === "object") throw UNSURE;
    const coerced = type.parseValue(value);
    if (coerced === undefined) throw UNSURE;
    return coerced;
  });
}

function counted(read: Read): Read {
  return (value, levelsLeft, budget) => {
    budget.left -= 1;
    if (budget.left < 0) throw UNSURE;
    return value === null ? null : read(value, levelsLeft, budget);
  };
}

type FieldReader = { readonly name: string; readonly absent: unknown; readonly needed: boolean; readonly read: Read };

function objectReader(type: GraphQLInputObjectType): Read {
  // A type may hold itself.
  let fields: readonly FieldReader[] | undefined;
  return counted((value, levelsLeft, budget) => {
    if (typeof value !== "object" || Array.isArray(value) || levelsLeft <= 0 || type.isOneOf) throw UNSURE;
    fields ??= Object.values(type.getFields()).map(({ name, type: of, defaultValue }) => ({
      name,
      absent: defaultValue,
      needed: isNonNullType(of),
      read: readerOf(of),
    }));
    const given = value as Readonly<Record<string, unknown>>;
    const coerced: Record<string, unknown> = {};
    let used = 0;
    for (const { name, absent, needed, read } of fields) {
      // Own entries only: a column may be called `constructor`.
      const item = Object.hasOwn(given, name) ? given[name] : undefined;
      if (item !== undefined) {
        coerced[name] = read(item, levelsLeft - 1, budget);
        used += 1;
      } else if (absent !== undefined) coerced[name] = absent;
      else if (needed) throw UNSURE;
    }
    if (used !== Object.keys(given).length) throw UNSURE;
    return coerced;
  });
}
