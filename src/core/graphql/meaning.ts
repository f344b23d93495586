/** What a field of the GraphQL schema means to the planner. It hangs on the field itself, in `extensions.meaning`. */
import type { GraphQLField } from "graphql";
import type { EmbeddedField, ObjectType, QueryField, RelationField, ScalarField } from "../schema/model.ts";

type Call = Extract<QueryField, { readonly kind: "function-rows" | "function-value" }>;

export type FieldMeaning =
  | { readonly kind: "scalar"; readonly field: ScalarField }
  | { readonly kind: "embedded"; readonly field: EmbeddedField; readonly object: ObjectType }
  | { readonly kind: "nodeId"; readonly object: ObjectType }
  | { readonly kind: "one"; readonly relation: RelationField; readonly object: ObjectType }
  /** A list of an object and its siblings: of the whole source at the root, of the linked rows below a parent. */
  | {
      readonly kind: "list" | "connection" | "aggregate" | "groups";
      readonly object: ObjectType;
      readonly relation?: RelationField;
    }
  | { readonly kind: "key"; readonly object: ObjectType; readonly key: number }
  | { readonly kind: "node" }
  | { readonly kind: "polymorphic"; readonly type: string }
  | { readonly kind: "rows-call"; readonly call: Call & { kind: "function-rows" }; readonly object: ObjectType }
  | { readonly kind: "value-call"; readonly call: Call & { kind: "function-value" } };

/** The meaning of a field; introspection fields and the inside of connections and aggregates have none. */
export function meaningOf(field: GraphQLField<unknown, unknown>): FieldMeaning | undefined {
  return field.extensions["meaning"] as FieldMeaning | undefined;
}
