/**
 * The catalog: what a PostgreSQL database says about itself, as plain data.
 *
 * Made by `adapters/postgres/introspect`, read by the authoring code (to write and to type `schema.ts`) and by
 * `fraiseql check`. Everything in it is a fact of the database; names of the API are decided elsewhere.
 */

/** A name with its schema, both unquoted. */
export type QualifiedName = { readonly schema: string; readonly name: string };

/** The name as one text, unlike that of any other name: a key of maps and sets. */
export const qualifiedKey = ({ schema, name }: QualifiedName): string => JSON.stringify([schema, name]);

/** The type of a column, an argument or a result. `name` of a base type is its `pg_type.typname`: `int4`, `timestamptz`. */
export type PgType =
  | {
      readonly kind: "base";
      readonly name: string;
      /** Of a `numeric` that is declared with one: digits in all, and digits behind the point. */
      readonly precision?: number;
      readonly scale?: number;
      /** Of a column whose collation takes different texts for equal: PostgreSQL has no regular expressions under it. */
      readonly collation?: "nondeterministic";
    }
  | { readonly kind: "enum"; readonly schema: string; readonly name: string }
  | {
      readonly kind: "domain";
      readonly schema: string;
      readonly name: string;
      readonly base: PgType;
    }
  | { readonly kind: "array"; readonly element: PgType }
  | {
      readonly kind: "range";
      readonly schema: string;
      readonly name: string;
      readonly subtype: PgType;
    }
  | { readonly kind: "composite"; readonly schema: string; readonly name: string }
  /** A type FraiseQL has no rule for: it is shown as text and cannot be filtered but by `isNull`. */
  | { readonly kind: "other"; readonly schema: string; readonly name: string };

export type CatalogColumn = {
  readonly name: string;
  readonly type: PgType;
  /** True only where PostgreSQL enforces it (NOT NULL on the column or on its domain, or part of a primary key). */
  readonly notNull: boolean;
  readonly comment?: string;
  readonly hasDefault?: boolean;
  readonly generated?: "stored" | "virtual";
  readonly identity?: "always" | "default";
};

export type CatalogKey = {
  readonly name: string;
  readonly columns: readonly string[];
  readonly primary: boolean;
  /** Set where tables inherit from this one: PostgreSQL does not hold their rows to the key, only custom does. */
  readonly assumed?: true;
  /** Set where a column may be null: rows with a null may be many, so the key finds a row but does not name every one. */
  readonly nullable?: true;
  /** Set where it may be checked as late as the transaction's end: `on conflict` takes no such key. */
  readonly deferrable?: true;
};

export type CatalogForeignKey = {
  readonly name: string;
  readonly columns: readonly string[];
  readonly target: QualifiedName;
  readonly targetColumns: readonly string[];
  /** False for `NOT VALID` constraints, which prove nothing about old rows. */
  readonly validated: boolean;
};

/** A rule for rows that PostgreSQL names when a row breaks it: of any kind, a NOT NULL apart. */
export type CatalogConstraint = {
  readonly name: string;
  readonly columns: readonly string[];
};

export type CatalogRelation = QualifiedName & {
  readonly kind: "table" | "view" | "materialized-view" | "foreign-table";
  readonly columns: readonly CatalogColumn[];
  /** Primary key first, then those over NOT NULL columns, then those a null defeats. */
  readonly keys: readonly CatalogKey[];
  readonly foreignKeys: readonly CatalogForeignKey[];
  readonly rowSecurity: boolean;
  /** Of a table; absent where there are none, and in an artifact, whose model has them. */
  readonly constraints?: readonly CatalogConstraint[];
  /** In an artifact, of a table that mutations insert into: the columns that a new row had to give when it was compiled. */
  readonly required?: readonly string[];
  readonly comment?: string;
};

export type CatalogEnum = QualifiedName & {
  readonly labels: readonly string[];
  readonly comment?: string;
};
export type CatalogComposite = QualifiedName & {
  readonly attributes: readonly CatalogColumn[];
  readonly comment?: string;
};
export type CatalogDomain = QualifiedName & {
  readonly base: PgType;
  readonly notNull: boolean;
  readonly comment?: string;
};

export type CatalogArgument = {
  readonly name: string | null;
  readonly type: PgType;
  readonly hasDefault: boolean;
  /** The last one, where it takes all values that are left as one array. */
  readonly variadic?: true;
};

export type CatalogFunction = QualifiedName & {
  readonly arguments: readonly CatalogArgument[];
  readonly returns:
    | { readonly kind: "value"; readonly type: PgType }
    /** A row or a set of rows of a table, view or composite type. */
    | { readonly kind: "rows"; readonly relation: QualifiedName }
    | { readonly kind: "table"; readonly columns: readonly CatalogColumn[] }
    | { readonly kind: "void" };
  readonly returnsSet: boolean;
  readonly volatility: "immutable" | "stable" | "volatile";
  readonly strict: boolean;
  readonly comment?: string;
};

/** Whether a call can do without an argument of the function: PostgreSQL finds a variadic one by all its arguments only. */
export const isOptional = (argument: CatalogArgument, called: CatalogFunction): boolean =>
  argument.hasDefault && !isVariadic(called);

export const isVariadic = ({ arguments: all }: CatalogFunction): boolean => all.at(-1)?.variadic === true;

export type Catalog = {
  /** `server_version_num`, e.g. 180004. */
  readonly serverVersion: number;
  readonly relations: readonly CatalogRelation[];
  readonly enums: readonly CatalogEnum[];
  readonly composites: readonly CatalogComposite[];
  readonly domains: readonly CatalogDomain[];
  readonly functions: readonly CatalogFunction[];
};
