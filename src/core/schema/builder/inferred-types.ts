/**
 * What the compiler knows of a catalog constant: names of relations and columns, the scalar a column is read as, and
 * which columns can be compared. With a catalog that is not a constant everything is `string` and checked when it runs.
 */
import type { Catalog, CatalogColumn, PgType, QualifiedName } from "../catalog.ts";
import type { ScalarName, ScalarOfPg } from "../scalars.ts";

/** `film` in the schema `public`, `sales.order` elsewhere. */
export type NameIn<T> = T extends {
  readonly schema: infer Schema extends string;
  readonly name: infer Name extends string;
}
  ? string extends Schema
    ? string
    : Schema extends "public"
      ? Name
      : `${Schema}.${Name}`
  : never;

/** The same at run time. */
export function nameIn(name: QualifiedName): string {
  return name.schema === "public" ? name.name : `${name.schema}.${name.name}`;
}

type ByName<List extends readonly QualifiedName[]> = { readonly [Item in List[number] as NameIn<Item>]: Item };

/** A conditional type, because its result is shown in an editor's message as the names themselves. */
type NamesOf<Map> = keyof Map extends infer Names ? Names & string : never;

export type At<Map, Name> = Name extends keyof Map ? Map[Name] : never;

export type RelationsOf<C extends Catalog> = ByName<C["relations"]>;
export type EnumsOf<C extends Catalog> = ByName<C["enums"]>;
/** Composite types, the row types of relations included. */
export type CompositesOf<C extends Catalog> = ByName<C["composites"]> & RelationsOf<C>;
export type FunctionsOf<C extends Catalog> = ByName<C["functions"]>;

export type RelationName<C extends Catalog> = NamesOf<RelationsOf<C>>;
export type EnumName<C extends Catalog> = NamesOf<EnumsOf<C>>;
export type CompositeName<C extends Catalog> = NamesOf<CompositesOf<C>>;
export type FunctionName<C extends Catalog> = NamesOf<FunctionsOf<C>>;

type ByColumn<Columns extends readonly CatalogColumn[]> = {
  readonly [Column in Columns[number] as Column["name"]]: Column;
};

/** The columns of a relation (or the attributes of a composite) by name. */
export type ColumnsOf<R> = R extends { readonly columns: infer Columns extends readonly CatalogColumn[] }
  ? ByColumn<Columns>
  : R extends { readonly attributes: infer Attributes extends readonly CatalogColumn[] }
    ? ByColumn<Attributes>
    : never;

export type ColumnName<R> = NamesOf<ColumnsOf<R>>;

export type RelationOf<C extends Catalog, Name> = At<RelationsOf<C>, Name>;

/** The type a value has behind domains and arrays. */
type Inner<T> = PgType extends T
  ? T
  : T extends { readonly kind: "domain"; readonly base: infer Base }
    ? Inner<Base>
    : T extends { readonly kind: "array"; readonly element: infer Element }
      ? Inner<Element>
      : T;

/** The scalar a PostgreSQL type is read as; `never` for enums, composites and ranges, which have types of their own. */
export type LeafOf<T> = PgType extends T
  ? ScalarName
  : Inner<T> extends { readonly kind: "base"; readonly name: infer Name extends string }
    ? ScalarOfPg<Name>
    : Inner<T> extends { readonly kind: "other" }
      ? "String"
      : never;

/** Scalars whose values are PostgreSQL text of a certain form. */
export type TextScalar = "EmailAddress" | "URL" | "PhoneNumber" | "CountryCode" | "CurrencyCode";

/**
 * The scalars an author may name for a column: its own, and narrower ones that are written the same in JSON. What has no
 * scalar can be shown as PostgreSQL's text.
 */
export type ScalarFor<T> = [LeafOf<T>] extends [never] ? "String" : Narrower<LeafOf<T>>;

export type Narrower<Leaf> = Leaf extends "String"
  ? "String" | "ID" | TextScalar
  : Leaf extends "UUID" | "BigInt"
    ? Leaf | "ID"
    : Leaf;

type Comparable<Name> = Name extends "int2" | "int4" | "int8" | "numeric" | "float4" | "float8"
  ? "number"
  : Name extends "text" | "varchar" | "bpchar" | "citext" | "name"
    ? "text"
    : Name extends "timestamptz" | "timestamp" | "date"
      ? "moment"
      : Name;

/** Two columns can be joined when their types have the same class. */
type ClassOf<T> = PgType extends T
  ? unknown
  : T extends { readonly kind: "domain"; readonly base: infer Base }
    ? ClassOf<Base>
    : T extends { readonly kind: "base"; readonly name: infer Name }
      ? Comparable<Name>
      : T;

/**
 * `{ local: foreign }`: columns of one relation with the columns of another they are equal to. As a list of pairs where
 * one column is equal to several.
 */
export type JoinColumns<Local, Foreign> =
  | { readonly [L in ColumnName<Local>]?: ColumnsLike<Foreign, ClassOf<TypeOfColumn<Local, L>>> | Inherited<L> }
  | readonly (readonly [ColumnName<Local>, ColumnName<Foreign>])[];

/** What an object has under this name before it is given anything: a column may be called `toString`. */
type Inherited<Name> = Name extends keyof typeof Object.prototype ? (typeof Object.prototype)[Name] : never;

type ColumnsLike<R, Class> = {
  [Name in ColumnName<R>]: ClassOf<TypeOfColumn<R, Name>> extends Class ? Name : never;
}[ColumnName<R>] extends infer Names
  ? Names
  : never;

export type TypeOfColumn<R, Name> = Name extends keyof ColumnsOf<R>
  ? ColumnsOf<R>[Name] extends { readonly type: infer T }
    ? T
    : never
  : never;

/** Functions that take a row of the relation as their only argument. */
export type RowFunctionName<C extends Catalog, R> = {
  [Name in keyof FunctionsOf<C> & string]: true extends TakesRow<FunctionsOf<C>[Name], R> ? Name : never;
}[keyof FunctionsOf<C> & string];

type TakesRow<F, R> = F extends { readonly arguments: readonly [{ readonly type: infer T }] }
  ? R extends { readonly schema: infer Schema; readonly name: infer Name }
    ? T extends { readonly kind: "composite"; readonly schema: Schema; readonly name: Name }
      ? true
      : false
    : false
  : F extends { readonly arguments: infer Arguments }
    ? // Of a catalog that is no constant, any function may be one.
      number extends (Arguments extends readonly unknown[] ? Arguments["length"] : never)
      ? true
      : false
    : false;

/** The labels of an enum. */
export type LabelOf<C extends Catalog, Name> = Name extends keyof EnumsOf<C>
  ? EnumsOf<C>[Name] extends { readonly labels: readonly (infer Label extends string)[] }
    ? Label
    : string
  : string;

/** The arguments of a function by name, or by position where they have none. */
export type ArgumentName<C extends Catalog, Name> = Name extends keyof FunctionsOf<C>
  ? FunctionsOf<C>[Name] extends { readonly arguments: readonly (infer Argument)[] }
    ? Argument extends { readonly name: infer Given }
      ? Given extends string
        ? Given
        : number
      : never
    : never
  : never;

type Returned<F> = F extends { readonly returns: infer R }
  ? R extends { readonly type: infer T }
    ? T
    : R extends { readonly columns: readonly { readonly type: infer T }[] }
      ? T
      : never
  : never;

type AnyColumn<C extends Catalog> =
  | C["relations"][number]["columns"][number]
  | C["composites"][number]["attributes"][number];

/** Range types that a column of the catalog has. */
export type RangeName<C extends Catalog> = PgType extends AnyColumn<C>["type"]
  ? string
  : NameIn<Extract<Inner<AnyColumn<C>["type"] | Returned<C["functions"][number]>>, { readonly kind: "range" }>>;

/** The table a function returns, as something with columns. */
export type ReturnedTable<F> = F extends {
  readonly returns: { readonly kind: "table"; readonly columns: infer Columns };
}
  ? { readonly columns: Columns }
  : never;
