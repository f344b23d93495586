/** Names the GraphQL schema gives to types it makes for an object `T`: `T` + suffix. Authors' types may not end so where `T` exists. */
export const GENERATED_TYPE_SUFFIXES = [
  "Where",
  "ListWhere",
  "OrderBy",
  "Connection",
  "Edge",
  "Aggregate",
  "AggregateCountDistinct",
  "AggregateSum",
  "AggregateAvg",
  "AggregateMin",
  "AggregateMax",
  "AggregateOrderBy",
  "Group",
  "GroupKey",
  "GroupBy",
  "GroupOrderBy",
  "GroupKeyOrderBy",
  "Having",
  "CountDistinctOrderBy",
  "SumOrderBy",
  "AvgOrderBy",
  "MinOrderBy",
  "MaxOrderBy",
  "CountDistinctHaving",
  "SumHaving",
  "AvgHaving",
  "MinHaving",
  "MaxHaving",
  "Insert",
  "Set",
  "UpsertKey",
] as const;

/** Type names that are always taken. Filter types (`<Scalar>Filter`, `<Scalar>ListFilter`) come on top. */
export const FIXED_TYPE_NAMES = [
  "Query",
  "Mutation",
  "MutationError",
  "MutationErrorClass",
  "Subscription",
  "Node",
  "PageInfo",
  "OrderDirection",
  "TimeBucket",
  "OpaqueFilter",
  "OpaqueListFilter",
] as const;

/** Suffixes of fields made beside a to-many relation or a root list `x`. */
export const SIBLING_FIELD_SUFFIXES = { connection: "Connection", aggregate: "Aggregate", groups: "Groups" } as const;

export type SiblingKind = keyof typeof SIBLING_FIELD_SUFFIXES;
