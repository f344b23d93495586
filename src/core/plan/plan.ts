/**
 * The plan: what one operation asks of the database, as data. Made from the operation and the model, guarded by
 * `core/access`, rendered by `core/sql`. Values never stand in a plan, only binds that say where a request carries them.
 */
import type { Bind, Variables } from "../graphql/input.ts";
import type { PgType, QualifiedName } from "../schema/catalog.ts";
import type { EnumType, FunctionArgument, ObjectType, RelationField, ValueSource } from "../schema/model.ts";
import type { Operator } from "./operators.ts";

/** Where rows come from: a relation of the database or a function that returns rows of one. */
export type RowSource =
  | { readonly kind: "relation"; readonly relation: QualifiedName }
  /** Without `set` it returns one row, which may be missing. */
  | (Call & { readonly kind: "function"; readonly set: boolean });

type Call = { readonly function: QualifiedName; readonly arguments: readonly Argument[] };

export type Argument = Pick<FunctionArgument, "variadic"> & {
  readonly name: string | null;
  readonly bind: Bind;
  readonly type: PgType;
};

/** How a scalar stands in the JSON. */
export type ScalarShape = {
  readonly type: PgType;
  readonly list: boolean;
  /** Set where labels and names of an enum differ. */
  readonly enum?: EnumType;
};

export type ScalarNode = {
  readonly kind: "scalar";
  readonly value: ValueSource;
  readonly shape: ScalarShape;
  readonly nullable: boolean;
  /** `Type.field`, for the message when a field declared non-null holds a null. */
  readonly coordinate: string;
};

export type ValueNode =
  | ScalarNode
  /** JSON known when planning: `__typename`, an empty object. */
  | { readonly kind: "constant"; readonly json: string }
  /** JSON that is computed per request outside the database: introspection. */
  | { readonly kind: "given"; readonly key: string; readonly read: (variables: Variables) => string }
  | { readonly kind: "nodeId"; readonly object: ObjectType }
  | EmbeddedNode
  | OneNode
  | ListNode
  | ConnectionNode
  | AggregateNode
  | GroupsNode
  | PolymorphicNode
  | (Call & {
      readonly kind: "call";
      readonly shape: ScalarShape;
      readonly nullable: boolean;
      readonly coordinate: string;
    });

export type EmbeddedNode = {
  readonly kind: "embedded";
  readonly value: ValueSource;
  readonly list: boolean;
  readonly nullable: boolean;
  readonly coordinate: string;
  readonly output: Output;
};

export type OneNode = {
  readonly kind: "one";
  readonly rows: Rows;
  readonly output: Output;
  readonly nullable: boolean;
  readonly coordinate: string;
};

export type ListNode = {
  readonly kind: "list";
  readonly rows: Rows;
  readonly output: Output;
  readonly coordinate: string;
};

/** An object of the response: response keys in order, each with the first place in the document that asks for it. */
export type Output = readonly {
  readonly key: string;
  readonly node: ValueNode;
  readonly location?: { readonly line: number; readonly column: number };
}[];

/** The equality that ties rows to the row of the parent. */
export type Link = Pick<RelationField, "local" | "foreign" | "through" | "cardinality">;

export type Rows = {
  readonly object: ObjectType;
  readonly source: RowSource;
  readonly link?: Link;
  readonly where?: Condition;
  readonly order: readonly OrderTerm[];
  /** The rows come in the order in which a function returns them. */
  readonly keepsOrder?: true;
  readonly limit?: Bind;
  readonly offset?: Bind;
  readonly strategy: Strategy;
};

/** How a nested list is fetched, and why the planner chose so (shown by explain). */
export type Strategy = { readonly kind: "correlated" | "grouped"; readonly reason: string };

export type OrderTerm = {
  readonly value: OrderValue;
  readonly direction: "asc" | "desc";
  readonly nulls: "first" | "last";
  /** False where the catalog proves that no row has a null here. */
  readonly nullable: boolean;
};

export type OrderValue =
  /** A value of the row itself, or of the row reached over to-one relations. */
  | { readonly kind: "value"; readonly path: readonly Hop[]; readonly value: ValueSource }
  | { readonly kind: "aggregate"; readonly path: readonly Hop[]; readonly rows: Rows; readonly measure: Measure };

export type Hop = { readonly object: ObjectType; readonly link: Link };

export type Condition =
  | { readonly kind: "and" | "or"; readonly terms: readonly Condition[] }
  | { readonly kind: "not"; readonly term: Condition }
  | {
      readonly kind: "compare";
      readonly value: ValueSource;
      readonly list: boolean;
      readonly operator: Operator;
      readonly operand: Bind;
      /** Compares the number of elements instead of the value. */
      readonly length: boolean;
    }
  | { readonly kind: "isNull"; readonly value: ValueSource; readonly negated: boolean }
  /** `some`: a linked row is true; `none`: no linked row is true; `every`: no linked row is false or unknown. */
  | {
      readonly kind: "related";
      readonly quantifier: "some" | "none" | "every";
      readonly hop: Hop;
      readonly where?: Condition;
    };

export type ConnectionNode = {
  readonly kind: "connection";
  readonly rows: Rows;
  readonly coordinate: string;
  readonly output: readonly { readonly key: string; readonly part: ConnectionPart }[];
  /** Rows per page; absent: as many as the page limit allows. */
  readonly size?: Bind;
  readonly backward: boolean;
  readonly after?: Bind;
  readonly before?: Bind;
  readonly fingerprint: string;
};

export type ConnectionPart =
  | { readonly kind: "constant"; readonly json: string }
  | { readonly kind: "totalCount" }
  | { readonly kind: "edges"; readonly output: readonly { readonly key: string; readonly part: EdgePart }[] }
  | { readonly kind: "nodes"; readonly output: Output }
  | { readonly kind: "pageInfo"; readonly output: readonly { readonly key: string; readonly part: PageInfoPart }[] };
export type EdgePart =
  | { readonly kind: "constant"; readonly json: string }
  | { readonly kind: "cursor" }
  | { readonly kind: "node"; readonly output: Output };
export type PageInfoPart =
  | { readonly kind: "constant"; readonly json: string }
  | { readonly kind: "hasNextPage" | "hasPreviousPage" | "startCursor" | "endCursor" };

export type MeasureFunction = "count" | "countDistinct" | "sum" | "avg" | "min" | "max";
export type Measure =
  | { readonly function: "count" }
  | { readonly function: Exclude<MeasureFunction, "count">; readonly value: ValueSource; readonly shape: ScalarShape };

/** The selection of an aggregate: nested objects of measures. */
export type MeasureOutput = readonly {
  readonly key: string;
  readonly node:
    | { readonly kind: "constant"; readonly json: string }
    | { readonly kind: "measure"; readonly measure: Measure }
    | { readonly kind: "object"; readonly output: MeasureOutput }
    /** Only in groups: a value the rows are grouped by, by its place in `keys`. */
    | { readonly kind: "groupKey"; readonly index: number; readonly shape: ScalarShape };
}[];

export type AggregateNode = {
  readonly kind: "aggregate";
  readonly rows: Rows;
  readonly output: MeasureOutput;
  readonly coordinate: string;
};

export type GroupKey = {
  readonly path: readonly Hop[];
  readonly value: ValueSource;
  readonly bucket?: TimeBucket;
};
export type TimeBucket = "second" | "minute" | "hour" | "day" | "week" | "month" | "quarter" | "year";

export type GroupsNode = {
  readonly kind: "groups";
  readonly rows: Rows;
  readonly keys: readonly GroupKey[];
  readonly having?: Having;
  readonly order: readonly GroupOrder[];
  readonly output: MeasureOutput;
  readonly coordinate: string;
};
export type GroupOrder = {
  readonly by:
    | { readonly kind: "key"; readonly index: number }
    | { readonly kind: "measure"; readonly measure: Measure };
  readonly direction: "asc" | "desc";
  readonly nulls: "first" | "last";
};
export type Having =
  | { readonly kind: "and" | "or"; readonly terms: readonly Having[] }
  | { readonly kind: "not"; readonly term: Having }
  | {
      readonly kind: "compare";
      readonly measure: Measure;
      readonly operator: Operator;
      readonly operand: Bind;
      readonly type: PgType;
    }
  | { readonly kind: "isNull"; readonly measure: Measure; readonly negated: boolean };

export type PolymorphicNode = {
  readonly kind: "polymorphic";
  readonly coordinate: string;
  readonly members: readonly {
    readonly rows: Rows;
    readonly output: Output;
  }[];
  readonly limit?: Bind;
  readonly offset?: Bind;
};

export type Plan = { readonly output: Output };

declare const authorized: unique symbol;
/** A plan the access rules have seen. Only such a plan can be rendered. */
export type AuthorizedPlan = Plan & { readonly [authorized]: true };
