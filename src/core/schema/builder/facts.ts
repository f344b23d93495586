/** The catalog as the builder looks things up in it, and what follows from a PostgreSQL type. */

import type {
  Catalog,
  CatalogColumn,
  CatalogComposite,
  CatalogEnum,
  CatalogFunction,
  CatalogRelation,
  PgType,
} from "../catalog.ts";
import { withoutDomains } from "../pg-types.ts";
import { scalarOfPgType } from "../scalars.ts";
import { nameIn } from "./inferred-types.ts";
import type { TypeRef } from "./parts.ts";
import { lookUp } from "./problem.ts";

export type Facts = {
  readonly catalog: Catalog;
  readonly relations: ReadonlyMap<string, CatalogRelation>;
  readonly enums: ReadonlyMap<string, CatalogEnum>;
  /** Composite types, the row types of relations included. */
  readonly composites: ReadonlyMap<string, CatalogComposite>;
  /** Overloaded functions share a name. */
  readonly functions: ReadonlyMap<string, readonly CatalogFunction[]>;
};

/** The catalog with its relations, functions and types to be found by name. */
export function factsOf(catalog: Catalog): Facts {
  const functions = new Map<string, CatalogFunction[]>();
  for (const each of catalog.functions) functions.set(nameIn(each), [...(functions.get(nameIn(each)) ?? []), each]);
  return {
    catalog,
    relations: new Map(catalog.relations.map((each) => [nameIn(each), each])),
    enums: new Map(catalog.enums.map((each) => [nameIn(each), each])),
    composites: new Map(
      [
        ...catalog.relations.map(({ schema, name, columns }) => ({ schema, name, attributes: columns })),
        ...catalog.composites,
      ].map((each) => [nameIn(each), each]),
    ),
    functions,
  };
}

/** @throws FraiseqlError SCHEMA_INVALID where there is no such column; it suggests one */
export function columnOf(columns: readonly CatalogColumn[], name: string, place: string): CatalogColumn {
  return lookUp(new Map(columns.map((column) => [column.name, column])), name, place, "column");
}

/** What a value of the type is in the API: a scalar by name, or whatever part stands for the enum, composite or range. */
export function readType(type: PgType): { readonly ref: TypeRef; readonly list: boolean } {
  const outer = withoutDomains(type);
  const list = outer.kind === "array";
  const inner = list ? withoutDomains(outer.element) : outer;
  switch (inner.kind) {
    case "enum":
    case "composite":
    case "range":
      return { ref: { by: "pg", kind: inner.kind, pg: { schema: inner.schema, name: inner.name } }, list };
    case "base":
      return { ref: { by: "name", name: scalarOfPgType(inner.name) ?? "String" }, list };
    default:
      return { ref: { by: "name", name: "String" }, list };
  }
}

/** Whether a value may be null although the column is not: NaN and the infinities have no JSON and are answered as null. */
export function isNullable(column: { readonly notNull: boolean; readonly type: PgType }): boolean {
  const { ref, list } = readType(column.type);
  return !column.notNull || (!list && ref.by === "name" && ref.name === "Float");
}

/** How a type is called in messages. */
export function typeText(type: PgType): string {
  switch (type.kind) {
    case "array":
      return `${typeText(type.element)}[]`;
    case "base":
      return type.name;
    default:
      return nameIn(type);
  }
}

/** The types of a function's arguments, as messages and `signature` name them. */
export function signatureOf(called: CatalogFunction): readonly string[] {
  return called.arguments.map(({ type }) => typeText(type));
}
