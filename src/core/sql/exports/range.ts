/**
 * A range of a list by the first value of its order. Ranges that lie one behind the other hold each row once and, read one
 * after the other, in the order of the list, whatever was written between the choice of their ends and the reading.
 */
import { bindKey } from "../../graphql/input.ts";
import type { AuthorizedPlan, Output } from "../../plan/plan.ts";
import { sourcesOf } from "../../plan/sources.ts";
import type { QualifiedName } from "../../schema/catalog.ts";
import { type Fragment, parameter, sql } from "../fragment.ts";
import type { RenderedTerm } from "../order.ts";
import { rootOf } from "../root.ts";
import type { CompiledStatement, Statement } from "../statement.ts";
import { typeName } from "../value.ts";
import { fillPlaces } from "./part.ts";

/** From a value on, up to before another, in PostgreSQL's text form; null where the range has no such end. Or the rows without a value. */
export type KeyRange =
  | { readonly from: string | null; readonly to: string | null; readonly isOfNulls: false }
  | { readonly isOfNulls: true };

export type RangedList = {
  readonly relation: QualifiedName;
  /** The first of its order. */
  readonly column: string;
  readonly direction: "asc" | "desc";
  /** As many rows as the request asks for; undefined where it asks for all. */
  readonly limit: number | undefined;
};

const FROM = "range:from";
const TO = "range:to";
const OF_NULLS = "range:nulls";
/** Types whose values have one text form and one order, under every setting. */
const TYPES: ReadonlySet<string> = new Set(["int2", "int4", "int8", "uuid"]);

/**
 * The list that a plan is, where it can be read in ranges: all rows of a relation or the first of them, and of nothing else.
 *
 * @param compiled - of the whole list; what comes is asked with the same, filled for a request
 */
export function rangedList(
  plan: AuthorizedPlan,
  compiled: CompiledStatement,
): ((statement: Statement) => RangedList) | undefined {
  const { node } = rootOf(plan);
  if (node.kind !== "list" || !isOfRow(node.output) || sourcesOf(plan).isOpaque) return undefined;
  const { source, where, offset, limit, order } = node.rows;
  const [term] = order;
  if (source.kind !== "relation" || where || offset || !term || term.nullable) return undefined;
  if (term.value.kind !== "value" || term.value.path.length > 0 || term.value.value.from !== "column") return undefined;
  const { column, type } = term.value.value;
  if (type.kind !== "base" || !TYPES.has(type.name)) return undefined;
  const bound = limit && compiled.parameterNames.indexOf(`limit:${bindKey(limit)}`);
  const list = { relation: source.relation, column, direction: term.direction };
  return ({ values }) => ({
    ...list,
    limit: limit && Number(limit.kind === "constant" ? limit.value : values[bound as number]),
  });
}

/** Rows of other relations would be read for each range anew. */
function isOfRow(output: Output): boolean {
  return output.every(({ node }) => {
    if (node.kind === "embedded") return isOfRow(node.output);
    return node.kind === "scalar" || node.kind === "constant" || node.kind === "nodeId";
  });
}

/** That a row lies in the range which `fillRange` gives. */
export function rangeSql({ sql: value, type }: RenderedTerm): Fragment {
  const bound = (key: string): Fragment => sql`${parameter({ key, read: () => null })}::${typeName(type)}`;
  const [from, to] = [bound(FROM), bound(TO)];
  const ofNulls = sql`${parameter({ key: OF_NULLS, read: () => null })}::bool`;
  const between = sql`(${from} is null or ${value} >= ${from}) and (${to} is null or ${value} < ${to})`;
  return sql`(case when ${ofNulls} then ${value} is null else ${between} end)`;
}

/** A statement that was filled for a request, for one range. */
export function fillRange(compiled: CompiledStatement, statement: Statement, range: KeyRange): Statement {
  const { from, to } = range.isOfNulls ? NO_ENDS : range;
  return fillPlaces(compiled, statement, { [FROM]: from, [TO]: to, [OF_NULLS]: String(range.isOfNulls) });
}

const NO_ENDS = { from: null, to: null };

/**
 * All ranges between the bounds, in the order of the list, in which PostgreSQL takes nulls for the largest. There are none, unless
 * the column was allowed to hold them since the artifact was made.
 *
 * @param bounds - ascending
 */
export function rangesOf(bounds: readonly string[], direction: RangedList["direction"]): readonly KeyRange[] {
  const ranges: readonly KeyRange[] = [
    ...[null, ...bounds].map((from, index) => ({ from, to: bounds[index] ?? null, isOfNulls: false as const })),
    { isOfNulls: true },
  ];
  return direction === "asc" ? ranges : ranges.toReversed();
}
