/** The rows a list, a connection, an aggregate or groups are about. */
import type { Bind } from "../graphql/input.ts";
import type { RowsCall, RowsFrom } from "../graphql/meaning.ts";
import type { ObjectType } from "../schema/model.ts";
import { totalKey } from "../schema/total-key.ts";
import { callSource } from "./calls.ts";
import { whereCondition } from "./conditions.ts";
import { type Arguments, readArguments, type Selected } from "./context.ts";
import { orderTerms, sourceOf } from "./order.ts";
import type { OrderTerm, Rows } from "./plan.ts";

type Subject = RowsFrom & { readonly object: ObjectType };

/** Rows in no order yet, and the arguments of the field that are not those of the function it may call. */
export type FilteredRows = {
  readonly rows: Omit<Rows, "strategy" | "order"> & { readonly order: readonly [] };
  readonly args: Arguments;
};

/** The rows that `where` leaves. */
export function filteredRows(selected: Selected, { object, relation, call }: Subject): FilteredRows {
  const { context, field, nodes } = selected;
  const given = readArguments(context, field, nodes[0]);
  const args = call ? without(call.arguments, given) : given;
  const filter = args.get("where");
  const where = filter && whereCondition(context.lookup, object, filter);
  const rows = {
    object,
    source: call ? callSource(selected, call, given) : sourceOf(object),
    ...(relation && { link: relation }),
    ...(where && { where }),
    order: [],
  } as const;
  return { rows, args };
}

function without(own: RowsCall["arguments"], given: Arguments): Arguments {
  const names = new Set(own.map(({ name }) => name));
  return new Map([...given].filter(([name]) => !names.has(name)));
}

/** The order that is asked for, and behind it the key. */
export function orderOf({ context }: Selected, { rows, args }: FilteredRows): readonly OrderTerm[] {
  const { object, source } = rows;
  const terms = orderTerms(context.lookup, object, args.get("orderBy"));
  return source.kind === "function" ? terms.map((term) => asReturned(object, term)) : terms;
}

/** No constraint of a table holds for what a function returns. That the key names its rows is taken on trust, nothing else. */
function asReturned(object: ObjectType, term: OrderTerm): OrderTerm {
  const { value } = term;
  const column =
    value.kind === "value" && value.path.length === 0 && value.value.from === "column" && value.value.column;
  const isOfKey = totalKey(object.keys)?.columns.some((each) => each.column === column);
  return isOfKey ? term : { ...term, nullable: true };
}

/** `limit` and `offset`; null means the same as leaving them out. */
export function pageOf(args: Arguments): { readonly limit?: Bind; readonly offset?: Bind } {
  const limit = leafBind(args, "limit");
  const offset = leafBind(args, "offset");
  return { ...(limit && { limit }), ...(offset && { offset }) };
}

/** What an argument of one value binds; undefined where it is left out or null. */
export function leafBind(args: Arguments, name: string): Bind | undefined {
  const input = args.get(name);
  return input && input.kind !== "null" ? input.bind : undefined;
}
