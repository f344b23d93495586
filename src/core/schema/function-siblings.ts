/** Root fields beside the list of a function's rows: the same rows by cursor, measured, or in groups. */
import { SIBLING_FIELD_SUFFIXES, type SiblingKind } from "./generated-names.ts";
import type { FunctionArgument, Key } from "./model.ts";
import { totalKey } from "./total-key.ts";

export const SIBLING_KINDS = Object.keys(SIBLING_FIELD_SUFFIXES) as readonly SiblingKind[];

/** Arguments without which the field would not be what it is; those of a function win where names are equal. */
const OWN_ARGUMENTS: Readonly<Record<SiblingKind, readonly string[]>> = {
  connection: ["first", "after", "last", "before"],
  aggregate: [],
  groups: ["groupBy", "having"],
};

/** The function's argument that keeps such a field from standing beside its list. */
export function argumentInTheWay(
  kind: SiblingKind,
  list: readonly Pick<FunctionArgument, "name">[],
): string | undefined {
  return list.find(({ name }) => OWN_ARGUMENTS[kind].includes(name))?.name;
}

/**
 * Why a function's list has no such field beside it; undefined where it can have one.
 *
 * @param keys - of the object whose rows the function returns
 */
export function siblingRefusal(
  kind: SiblingKind,
  keys: readonly Key[],
  list: readonly Pick<FunctionArgument, "name">[],
): string | undefined {
  if (kind === "connection" && !totalKey(keys)) return "its rows have no key without nulls, so no cursors";
  const taken = argumentInTheWay(kind, list);
  return taken === undefined ? undefined : `its argument ${taken} has the name of one of the ${kind} itself`;
}
