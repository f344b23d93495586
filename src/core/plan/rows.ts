/** The rows a list, a connection or an aggregate is about. */
import type { Bind } from "../graphql/input.ts";
import type { ObjectType, RelationField } from "../schema/model.ts";
import { whereCondition } from "./conditions.ts";
import type { Arguments, PlanContext } from "./context.ts";
import { orderTerms, sourceOf } from "./order.ts";
import type { Rows } from "./plan.ts";

type Subject = { readonly object: ObjectType; readonly relation?: RelationField };

export function filteredRows(
  context: PlanContext,
  { object, relation }: Subject,
  args: Arguments,
  source: Rows["source"] = sourceOf(object),
): Omit<Rows, "strategy"> {
  const filter = args.get("where");
  const where = filter && whereCondition(context.lookup, object, filter);
  return {
    object,
    source,
    ...(relation && { link: relation }),
    ...(where && { where }),
    order: orderTerms(context.lookup, object, args.get("orderBy")),
  };
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
