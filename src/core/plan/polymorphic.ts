/** All rows of the members of an interface or a union, member by member. */
import { type GraphQLAbstractType, getNamedType } from "graphql";
import { readArguments, type Selected } from "./context.ts";
import { keyTerms, sourceOf } from "./order.ts";
import type { PolymorphicNode } from "./plan.ts";
import { pageOf } from "./rows.ts";
import { ROOT } from "./strategy.ts";

/** A field of an interface or a union: the rows of each member, and what is selected of it. */
export function planPolymorphic(selected: Selected): PolymorphicNode {
  const { context, field, nodes, coordinate } = selected;
  const abstract = getNamedType(field.type) as GraphQLAbstractType;
  const members = context.schema.getPossibleTypes(abstract).map((type) => {
    const object = context.lookup.object(type.name);
    return {
      rows: {
        object,
        source: sourceOf(object),
        order: keyTerms(object),
        strategy: { kind: "correlated", reason: "one member of the abstract type" },
      },
      output: selected.select(type, nodes, ROOT),
    } as const;
  });
  return { kind: "polymorphic", coordinate, members, ...pageOf(readArguments(context, field, nodes[0])) };
}
