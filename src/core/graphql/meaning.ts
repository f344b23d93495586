/** What a field of the GraphQL schema means to the planner. It hangs on the field itself, in `extensions.meaning`. */
import type { GraphQLField } from "graphql";
import type { FieldMeasure } from "../plan/measures.ts";
import type {
  EmbeddedField,
  ObjectType,
  OutcomeMutation,
  QueryField,
  RelationField,
  ScalarField,
  WriteKind,
} from "../schema/model.ts";

export type RowsCall = Extract<QueryField, { readonly kind: "function-rows" }>;
export type ValueCall = Extract<QueryField, { readonly kind: "function-value" }>;

export type ConnectionPartName = "totalCount" | "edges" | "nodes" | "pageInfo";
export type EdgePartName = "cursor" | "node";
export type PageInfoPartName = "hasNextPage" | "hasPreviousPage" | "startCursor" | "endCursor";

/** What an outcome and its error say, beside the entity. */
export type OutcomePart =
  | "succeeded"
  | "stateChanged"
  | "message"
  | "entityId"
  | "entityJson"
  | "updatedFields"
  | "cascade"
  | "metadata"
  | "class"
  | "code"
  | "httpStatus"
  | "detail";

/** Whose rows: those a relation leads to, those a function returns; without either, all of the object's source. */
export type RowsFrom = { readonly relation?: RelationField; readonly call?: RowsCall };

/** A list of an object, and its siblings. */
export type RowsMeaning = RowsFrom & {
  readonly kind: "list" | "connection" | "aggregate" | "groups";
  readonly object: ObjectType;
};

export type FieldMeaning =
  | { readonly kind: "scalar"; readonly field: ScalarField }
  | { readonly kind: "embedded"; readonly field: EmbeddedField; readonly object: ObjectType }
  | { readonly kind: "nodeId"; readonly object: ObjectType }
  | { readonly kind: "one"; readonly relation: RelationField; readonly object: ObjectType }
  | RowsMeaning
  | { readonly kind: "key"; readonly object: ObjectType; readonly key: number }
  | { readonly kind: "node" }
  | { readonly kind: "polymorphic"; readonly type: string }
  /** The one row that a function returns. */
  | { readonly kind: "rowCall"; readonly call: RowsCall; readonly object: ObjectType }
  | { readonly kind: "valueCall"; readonly call: ValueCall }
  /** A root field of mutations. */
  | { readonly kind: "write"; readonly write: WriteKind; readonly object: ObjectType }
  | { readonly kind: "outcome"; readonly call: OutcomeMutation; readonly entity?: ObjectType }
  /** Inside of an outcome. */
  | { readonly kind: "outcomePart"; readonly part: OutcomePart }
  | { readonly kind: "outcomeEntity"; readonly object: ObjectType }
  | { readonly kind: "outcomeError" }
  /** Inside of a connection. */
  | { readonly kind: "part"; readonly part: ConnectionPartName | EdgePartName | PageInfoPartName }
  /** Inside of an aggregate or a group. */
  | { readonly kind: "count" }
  | { readonly kind: "measures" }
  | { readonly kind: "measure"; readonly function: FieldMeasure; readonly field: ScalarField }
  | { readonly kind: "groupKeys" }
  | { readonly kind: "groupKey"; readonly field: ScalarField }
  | { readonly kind: "groupHop"; readonly relation: RelationField };

/** The meaning of a field; only introspection fields have none. */
export function meaningOf(field: GraphQLField<unknown, unknown>): FieldMeaning | undefined {
  return field.extensions["meaning"] as FieldMeaning | undefined;
}

/** Extensions of a field that carry its meaning. */
export const meaning = (value: FieldMeaning): { readonly meaning: FieldMeaning } => ({ meaning: value });
