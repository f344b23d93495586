/**
 * The parts of a schema description as plain data. References to other types are kept as the author wrote them (by
 * relation, by part) and become names when all parts are known.
 */
import type { CatalogConstraint, PgType, QualifiedName } from "../catalog.ts";
import type { SiblingKind } from "../generated-names.ts";
import type { Key, RelationField, ValueSource, WritableColumn, WriteKind } from "../model.ts";

declare const shape: unique symbol;

/** What every part and field may say. `description: null` takes away the comment of the database. */
export type Documentation = { readonly description?: string | null; readonly deprecated?: string };

export type FieldOptions = Documentation & {
  /** Permissions a principal must hold to select the field. */
  readonly requires?: readonly string[];
};

type Said = { readonly description?: string; readonly deprecated?: string };
type Described = {
  readonly name: string;
  readonly description?: string | undefined;
  readonly deprecated?: string | undefined;
};

/** A type of the schema as a field names it: a scalar or a part by name, or whatever stands for a type of the database. */
export type TypeRef =
  | { readonly by: "name"; readonly name: string }
  | { readonly by: "pg"; readonly kind: "enum" | "composite" | "range"; readonly pg: QualifiedName }
  /** The table a function returns. */
  | { readonly by: "function"; readonly pg: QualifiedName; readonly signature: readonly string[] }
  | { readonly by: "relation"; readonly relation: QualifiedName };

type FieldBase = Said & {
  readonly requires?: readonly string[];
  /** Name in the API; set by a change, otherwise the key under which the field stands. */
  readonly name?: string;
  readonly stack: string;
};

export type FieldDraft =
  | (FieldBase & {
      readonly kind: "value";
      readonly type: TypeRef;
      readonly list: boolean;
      readonly nullable: boolean;
      readonly value: ValueSource;
    })
  | (FieldBase & {
      readonly kind: "relation";
      readonly type: TypeRef;
      readonly cardinality: "one" | "many";
      readonly nullable: boolean;
    } & Pick<RelationField, "local" | "foreign" | "through" | "siblings">);

/** A field with its GraphQL type as the compiler sees it. */
export type FieldPart<
  Type extends string = string,
  List extends boolean = boolean,
  Nullable extends boolean = boolean,
> = {
  readonly draft: FieldDraft;
  readonly [shape]?: { readonly type: Type; readonly list: List; readonly nullable: Nullable };
};

export type FieldParts = Readonly<Record<string, FieldPart>>;

/** A root field: its name, or its name with what else there is to say. */
export type QueryOptions = FieldOptions & { readonly name: string };

/** The root list of an object and what is made beside it; `false` leaves one out, a text gives it another name. */
export type ListOptions = QueryOptions & SiblingNames;

/**
 * The mutations of an object: `true` for all its table and keys allow, or what differs from that, kind by kind: `false`
 * leaves one out, a text gives it another name.
 */
export type MutationOptions = boolean | { readonly [Kind in WriteKind]?: string | false | QueryOptions };

/** Names of the root fields beside a list; `false` leaves one out, absent is the usual name. */
export type SiblingNames = { readonly [Kind in SiblingKind]?: string | false };

export type ObjectSourceDraft =
  | { readonly kind: "columns"; readonly relation: QualifiedName }
  | { readonly kind: "document"; readonly relation: QualifiedName; readonly column: string }
  | { readonly kind: "json" }
  | { readonly kind: "composite" | "range"; readonly pg: QualifiedName }
  | { readonly kind: "returned"; readonly pg: QualifiedName; readonly signature: readonly string[] };

export type RootQueryDraft = Said & {
  readonly kind: "list" | "connection" | "aggregate" | "groups" | "one" | "polymorphic";
  readonly name: string;
  readonly requires?: readonly string[];
  /** For `one`: the columns of the key. */
  readonly columns?: readonly string[];
};

type PartBase<Name extends string> = Said & {
  readonly name: Name;
  /** The name it was first given; a changed part answers to it. */
  readonly origin: string;
  readonly changed?: boolean;
  readonly stack: string;
};

export type ObjectPart<
  Name extends string = string,
  From extends string = string,
  Fields extends FieldParts = FieldParts,
> = PartBase<Name> & {
  readonly part: "object";
  readonly source: ObjectSourceDraft;
  readonly fields: Fields;
  readonly keys: readonly Key[];
  readonly interfaces: readonly string[];
  readonly queries: readonly RootQueryDraft[];
  /** All columns a mutation could set, whether shown or not. */
  readonly settable: readonly WritableColumn[];
  readonly constraints?: readonly CatalogConstraint[] | undefined;
  readonly mutations: MutationOptions | undefined;
  readonly [shape]?: From;
};

export type EnumPart<Name extends string = string> = PartBase<Name> & {
  readonly part: "enum";
  readonly pg?: QualifiedName;
  readonly values: readonly (Said & { readonly name: string; readonly label: string })[];
};

/** A field of an interface or an input. */
export type PlainField<
  Type extends string = string,
  List extends boolean = boolean,
  Nullable extends boolean = boolean,
> = Said & {
  readonly type: Type;
  readonly list: List;
  readonly nullable: Nullable;
};
export type PlainFields = Readonly<Record<string, PlainField>>;

export type InterfacePart<Name extends string = string, Fields extends PlainFields = PlainFields> = PartBase<Name> & {
  readonly part: "interface";
  readonly fields: Fields;
  readonly queries: readonly RootQueryDraft[];
};
export type InputPart<Name extends string = string> = PartBase<Name> & {
  readonly part: "input";
  readonly fields: PlainFields;
};

export type UnionPart<Name extends string = string> = PartBase<Name> & {
  readonly part: "union";
  readonly members: readonly string[];
  readonly queries: readonly RootQueryDraft[];
};

export type ArgumentDraft = Said & {
  readonly name: string;
  readonly type: TypeRef;
  readonly list: boolean;
  readonly nullable: boolean;
  readonly pgType: PgType;
  readonly pgName: string | null;
  readonly variadic?: true;
  readonly nullWhenLeftOut?: true;
};

export type FunctionPart<Name extends string = string> = PartBase<Name> & {
  readonly part: "function";
  readonly requires?: readonly string[];
  readonly function: QualifiedName;
  readonly arguments: readonly ArgumentDraft[];
  readonly returns:
    | { readonly kind: "rows"; readonly type: TypeRef; readonly set: boolean }
    | {
        readonly kind: "value";
        readonly type: TypeRef;
        readonly list: boolean;
        readonly nullable: boolean;
        readonly pgType: PgType;
      };
  /** What is said of the root fields beside a list of rows. */
  readonly siblings: SiblingNames;
};

/** A function with an outcome as a mutation. */
export type MutationPart<Name extends string = string> = PartBase<Name> & {
  readonly part: "mutation";
  readonly requires?: readonly string[];
  readonly function: QualifiedName;
  readonly arguments: readonly ArgumentDraft[];
  readonly entity?: TypeRef;
  readonly result: "union" | "payload";
};

/** Takes a part of that origin out of the schema. */
export type OmitPart<Name extends string = string> = PartBase<Name> & { readonly part: "omit" };

export type SchemaPart =
  | ObjectPart
  | EnumPart
  | InterfacePart
  | InputPart
  | UnionPart
  | FunctionPart
  | MutationPart
  | OmitPart;

/** The documentation of a part or field: what the author says, or else the comment of the database. */
export function documented(options: Documentation, comment?: string): Said {
  const description = options.description === undefined ? comment : (options.description ?? undefined);
  return {
    ...(description === undefined ? {} : { description }),
    ...(options.deprecated === undefined ? {} : { deprecated: options.deprecated }),
  };
}

/** A part or field with changed documentation: what the change does not mention stays. */
export function redocumented<T extends Said>(base: T, change: Documentation): T {
  const { description, ...others } = base;
  return { ...others, ...documented(change, description) } as T;
}

/** Name and documentation of a part or a field, without what is undefined. */
export function said({ name, description, deprecated }: Described) {
  return {
    name,
    ...(description === undefined ? {} : { description }),
    ...(deprecated === undefined ? {} : { deprecated }),
  };
}

/** The same with permissions. */
export function fieldSays(options: FieldOptions, comment?: string): Said & { readonly requires?: readonly string[] } {
  return { ...documented(options, comment), ...(options.requires === undefined ? {} : { requires: options.requires }) };
}

export const DOCUMENTATION_KEYS = ["description", "deprecated"] as const;
export const FIELD_KEYS = [...DOCUMENTATION_KEYS, "requires"] as const;
