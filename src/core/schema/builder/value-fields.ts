/** The fields of objects that are values: keys of JSON, attributes of composites, parts of ranges. */

import type { CatalogComposite, PgType } from "../catalog.ts";
import type { ScalarName } from "../scalars.ts";
import { readType } from "./facts.ts";
import type { ColumnName, LeafOf, TypeOfColumn } from "./inferred-types.ts";
import { leafType } from "./leaf-types.ts";
import {
  type EnumPart,
  FIELD_KEYS,
  type FieldOptions,
  type FieldPart,
  fieldSays,
  type ObjectPart,
  type TypeRef,
} from "./parts.ts";
import { callSite, checkKeys, refuse } from "./problem.ts";
import { type ColumnOptions, columnField } from "./row-fields.ts";

export type KeyOptions = FieldOptions & {
  readonly list?: boolean;
  /** True unless it is said that every document has the key with a value. */
  readonly nullable?: boolean;
  /** The PostgreSQL type to compare and order by, where it is not the usual one of the scalar. */
  readonly pg?: PgType;
};

/** What the value of a key is: a scalar, an enum, an object, or an object by name where two hold each other. */
export type KeyType = ScalarName | EnumPart | ObjectPart | { readonly named: string };

export type JsonFields = {
  /** A key of the JSON object. */
  key<const Type extends KeyType>(key: string, type: Type, options?: KeyOptions): FieldPart<NameOf<Type>>;
};

export type CompositeFields<R> = {
  column<const Name extends ColumnName<R>>(
    name: Name,
    options?: ColumnOptions<TypeOfColumn<R, Name>>,
  ): FieldPart<LeafOf<TypeOfColumn<R, Name>> & string>;
};

export type RangePart = "lower" | "upper" | "lowerInclusive" | "upperInclusive" | "isEmpty";
export type RangeFields = {
  bound(part: RangePart, options?: FieldOptions & { readonly nullable?: boolean }): FieldPart;
};

type NameOf<Type> = Type extends { readonly named: infer Name extends string }
  ? Name
  : Type extends { readonly name: infer Name extends string }
    ? Name
    : Type extends string
      ? Type
      : string;

const JSONB: PgType = { kind: "base", name: "jsonb" };

/** Fields of a JSON document. @param place - of the document, for messages */
export function jsonFields(place: string): JsonFields {
  return {
    key(key: string, type: KeyType, options: KeyOptions = {}) {
      checkKeys(options, ["list", "nullable", "pg", ...FIELD_KEYS], `key ${key} of ${place}`);
      const { ref, pgType } = keyType(type);
      const list = options.list ?? false;
      const inferred: PgType = list && pgType !== JSONB ? { kind: "array", element: pgType } : pgType;
      const value = { from: "document", key, type: options.pg ?? inferred } as const;
      const draft = {
        kind: "value",
        type: ref,
        list,
        nullable: options.nullable ?? true,
        value,
        stack: callSite(),
      } as const;
      return { draft: { ...draft, ...fieldSays(options) } };
    },
  };
}

function keyType(type: KeyType): { readonly ref: TypeRef; readonly pgType: PgType } {
  if (typeof type === "string" || ("part" in type && type.part === "enum")) return leafType(type);
  const name = "named" in type ? type.named : type.origin;
  return { ref: { by: "name", name }, pgType: JSONB };
}

/** Fields of a composite value. @param place - its type, for messages */
export function compositeFields<R>(composite: CatalogComposite, place: string): CompositeFields<R> {
  const column = (name: string, options?: ColumnOptions<unknown>) =>
    columnField(composite.attributes, place, name, options);
  return { column } as unknown as CompositeFields<R>;
}

const BOOL: PgType = { kind: "base", name: "bool" };
const RANGE_PARTS: readonly RangePart[] = ["lower", "upper", "lowerInclusive", "upperInclusive", "isEmpty"];

/** @param subtype - of the range: what its bounds are */
export function rangeFields(subtype: PgType): RangeFields {
  return {
    bound(part, options = {}) {
      checkKeys(options, ["nullable", ...FIELD_KEYS], `bound ${part}`);
      if (!RANGE_PARTS.includes(part))
        refuse(`a range has no part ${JSON.stringify(part)}; there is ${RANGE_PARTS.join(", ")}`);
      const isBound = part === "lower" || part === "upper";
      const type = isBound ? subtype : BOOL;
      const { ref, list } = readType(type);
      const value = { from: "range", part, type } as const;
      const draft = {
        kind: "value",
        type: ref,
        list,
        nullable: options.nullable ?? isBound,
        value,
        stack: callSite(),
      } as const;
      return { draft: { ...draft, ...fieldSays(options) } };
    },
  };
}
