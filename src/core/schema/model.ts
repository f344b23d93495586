/**
 * The model: the API as plain data, every type and field together with the place in the database its value comes from.
 *
 * The authoring code writes it (from `schema.ts` or straight from a catalog); the GraphQL schema, the planner and the
 * explain output are made from it and from nothing else. It is the main part of the compiled artifact.
 */
import type { CatalogConstraint, PgType, QualifiedName } from "./catalog.ts";
import type { SiblingKind } from "./generated-names.ts";

type Documented = {
  readonly name: string;
  readonly description?: string;
  readonly deprecated?: string;
};

/** Where the value of a field comes from, seen from one row of its object's source. */
export type ValueSource =
  /** A column of the relation (or an attribute of the composite, or a key column beside a document). `notNull` is a fact of the catalog. */
  | {
      readonly from: "column";
      readonly column: string;
      readonly type: PgType;
      readonly notNull: boolean;
    }
  /** A key of the JSON object that is the row's document (`data` of a `v_`/`tv_` view) or the embedded value itself. */
  | { readonly from: "document"; readonly key: string; readonly type: PgType }
  /** An SQL expression written by the schema's author: alternating text and column names, `texts.length === columns.length + 1`. */
  | {
      readonly from: "expression";
      readonly texts: readonly string[];
      readonly columns: readonly string[];
      readonly type: PgType;
    }
  /** A function that takes the row as its only argument. */
  | { readonly from: "function"; readonly function: QualifiedName; readonly type: PgType }
  /** A bound or flag of the range value that is the row. */
  | {
      readonly from: "range";
      readonly part: "lower" | "upper" | "lowerInclusive" | "upperInclusive" | "isEmpty";
      readonly type: PgType;
    };

type FieldCommon = Documented & {
  /** Permissions a principal must hold to select the field; kept for the access rules. */
  readonly requires?: readonly string[];
};

export type ScalarField = FieldCommon & {
  readonly kind: "scalar";
  /** Name of a scalar (see `scalars.ts`) or of an enum of the model. */
  readonly type: string;
  readonly list: boolean;
  readonly nullable: boolean;
  readonly value: ValueSource;
};

/** An object that is a value of its row: JSON inside a document, a composite, a range. Never a join. */
export type EmbeddedField = FieldCommon & {
  readonly kind: "embedded";
  readonly type: string;
  readonly list: boolean;
  readonly nullable: boolean;
  readonly value: ValueSource;
};

/** Rows of another source, found by equal columns. Columns are native columns of either source, also of document views. */
export type RelationField = FieldCommon & {
  readonly kind: "relation";
  readonly cardinality: "one" | "many";
  readonly type: string;
  readonly nullable: boolean;
  readonly local: readonly string[];
  readonly foreign: readonly string[];
  /** Many-to-many: `local` = `through.local` and `through.foreign` = `foreign`, pairwise. */
  readonly through?: {
    readonly relation: QualifiedName;
    readonly local: readonly string[];
    readonly foreign: readonly string[];
  };
  /** For `many`: the sibling fields made from it; false leaves one out. All default to true. Names are `<name>Connection` and so on. */
  readonly siblings?: {
    readonly connection?: boolean;
    readonly aggregate?: boolean;
    readonly groups?: boolean;
  };
};

export type Field = ScalarField | EmbeddedField | RelationField;

export type ObjectSource =
  | { readonly kind: "columns"; readonly relation: QualifiedName }
  | { readonly kind: "document"; readonly relation: QualifiedName; readonly column: string }
  /** The object is a value of some other row: its fields are read from that value. */
  | { readonly kind: "value" };

/** A set of columns no two rows share. `columns` are native columns of the source. */
export type Key = {
  readonly columns: readonly { readonly column: string; readonly type: PgType }[];
  readonly primary: boolean;
  /** Set where a column may be null. Such a key finds at most one row, but only `totalKey` names every row. Never primary. */
  readonly nullable?: true;
  /** Set where PostgreSQL may check it late. It finds a row as others do; no upsert goes by it. */
  readonly deferrable?: true;
};

/** A column a mutation may set, shown by a field that takes its whole value: see `columnSetBy`. */
export type WritableColumn = {
  readonly column: string;
  /** A new row has to give it: it takes no null and PostgreSQL has nothing to put there. */
  readonly required: boolean;
};

export type ObjectType = Documented & {
  readonly source: ObjectSource;
  readonly fields: readonly Field[];
  /** Primary key first, nullable ones last. An object with a primary key has `nodeId` and implements `Node`. */
  readonly keys: readonly Key[];
  readonly interfaces: readonly string[];
  /** What mutations may set; absent where the object has none. */
  readonly writable?: readonly WritableColumn[];
  /** Of the table that mutations write: which columns each of its constraints is about. Absent where there are none. */
  readonly constraints?: readonly CatalogConstraint[];
};

export type EnumType = Documented & {
  readonly values: readonly (Documented & { readonly label: string })[];
  /** The PostgreSQL enum it stands for; absent for an enum over text. */
  readonly pg?: QualifiedName;
};

/** Fields every implementing object has, with equal type; implementing objects name the interface. */
export type InterfaceType = Documented & {
  readonly fields: readonly (Documented & {
    readonly type: string;
    readonly list: boolean;
    readonly nullable: boolean;
  })[];
};
export type UnionType = Documented & { readonly members: readonly string[] };

export type InputType = Documented & {
  readonly fields: readonly (Documented & {
    readonly type: string;
    readonly list: boolean;
    readonly nullable: boolean;
  })[];
};

export type FunctionArgument = Documented & {
  readonly type: string;
  readonly list: boolean;
  readonly nullable: boolean;
  readonly pgType: PgType;
  /** The PostgreSQL name for named notation; null for positional. */
  readonly pgName: string | null;
  /** It goes to the function as the array of its variadic argument. */
  readonly variadic?: true;
  /** Left out it is given as null, for the function has nothing to put there. */
  readonly nullWhenLeftOut?: true;
};

export type QueryField = FieldCommon &
  (
    | { readonly kind: "list" | "connection" | "aggregate" | "groups"; readonly type: string }
    /** One row by a unique key; `key` is the index into the object's keys. Arguments are named as the scalar fields over those columns. */
    | { readonly kind: "one"; readonly type: string; readonly key: number }
    /** All rows of all members of an interface or a union, as one list. */
    | { readonly kind: "polymorphic"; readonly type: string }
    /** A function that returns rows of an object's relation: filtered, ordered and paged as a list; or one row when `set` is false. */
    | {
        readonly kind: "function-rows";
        readonly type: string;
        readonly function: QualifiedName;
        readonly arguments: readonly FunctionArgument[];
        readonly set: boolean;
      }
    /** Beside a function's list: the same rows by cursor, measured, or in groups. */
    | {
        readonly kind: "function-sibling";
        readonly as: SiblingKind;
        readonly type: string;
        /** Name of the list's root field, whose arguments it takes too. */
        readonly of: string;
      }
    | {
        readonly kind: "function-value";
        readonly type: string;
        readonly list: boolean;
        readonly nullable: boolean;
        readonly function: QualifiedName;
        readonly arguments: readonly FunctionArgument[];
        readonly pgType: PgType;
      }
  );

/** What a generated mutation does; `Many` takes a list of rows or a filter. */
export type WriteKind =
  | "insert"
  | "insertMany"
  | "upsert"
  | "upsertMany"
  | "update"
  | "updateMany"
  | "delete"
  | "deleteMany";

/** A function of FraiseQL's convention as a mutation: it answers with an outcome. */
export type OutcomeMutation = FieldCommon & {
  readonly kind: "function";
  /** `union`: the object or the error. `payload`: an object with all the outcome says. */
  readonly result: "union" | "payload";
  /** Name of the type made for the result: `CreateUserResult`. */
  readonly type: string;
  /** The object the outcome's `entity` is; absent where it is plain JSON. A union has one. */
  readonly entity?: string;
  readonly function: QualifiedName;
  readonly arguments: readonly FunctionArgument[];
};

export type WriteMutation = FieldCommon & { readonly kind: WriteKind; readonly type: string };

export type MutationField = WriteMutation | OutcomeMutation;

export type Model = {
  readonly objects: readonly ObjectType[];
  readonly enums: readonly EnumType[];
  readonly interfaces: readonly InterfaceType[];
  readonly unions: readonly UnionType[];
  readonly inputs: readonly InputType[];
  readonly queries: readonly QueryField[];
  /** Absent: the API only reads. */
  readonly mutations?: readonly MutationField[];
};
