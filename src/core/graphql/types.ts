/** The named GraphQL types of one schema while it is made: each name is made once, on first use. */
import { GraphQLEnumType, type GraphQLNamedType } from "graphql";
import { createLookup, type Lookup } from "../schema/lookup.ts";
import type { EnumType, InterfaceType, Model } from "../schema/model.ts";
import { scalarType } from "../schema/scalars.ts";

export type Types = Lookup & {
  readonly model: Model;
  readonly interface: (name: string) => InterfaceType | undefined;
  /** The type of that name, made by `make` the first time. */
  readonly named: <T extends GraphQLNamedType>(name: string, make: () => T) => T;
  readonly leaf: (name: string) => GraphQLEnumType | ReturnType<typeof scalarType>;
};

/** Types that are made when they are first named, and then stay. */
export function createTypes(model: Model): Types {
  const made = new Map<string, GraphQLNamedType>();
  const lookup = createLookup(model);
  const interfaces = new Map(model.interfaces.map((each) => [each.name, each]));
  const named = <T extends GraphQLNamedType>(name: string, make: () => T): T => {
    const known = made.get(name);
    if (known) return known as T;
    const type = make();
    made.set(name, type);
    return type;
  };
  return {
    model,
    ...lookup,
    interface: (name) => interfaces.get(name),
    named,
    leaf: (name) => {
      const type = lookup.enum(name);
      return named(name, () => (type ? enumType(type) : scalarType(name)) as GraphQLEnumType);
    },
  };
}

/** Inside the program an enum value is its PostgreSQL label. */
function enumType(type: EnumType): GraphQLEnumType {
  return new GraphQLEnumType({
    name: type.name,
    description: type.description ?? null,
    values: Object.fromEntries(
      type.values.map((each) => [
        each.name,
        { value: each.label, description: each.description ?? null, deprecationReason: each.deprecated ?? null },
      ]),
    ),
  });
}
