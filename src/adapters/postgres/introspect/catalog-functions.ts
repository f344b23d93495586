/** From rows of `pg_proc` to the functions of the catalog. */
import type { CatalogArgument, CatalogColumn, CatalogFunction } from "../../../core/schema/catalog.ts";
import type { PgTypes } from "./catalog-types.ts";

export type FunctionRow = {
  readonly schema: string;
  readonly name: string;
  readonly volatility: "i" | "s" | "v";
  readonly strict: boolean;
  readonly returnsSet: boolean;
  readonly returns: number;
  /** How many of the last input arguments have a default. */
  readonly defaults: number;
  /** Types of all arguments, also of those that only come out. */
  readonly types: readonly number[] | null;
  /** `i`, `o`, `b` (both), `t` (column of the returned table); null when all go in. */
  readonly modes: readonly ("i" | "o" | "b" | "t")[] | null;
  readonly names: readonly string[] | null;
  readonly comment: string | null;
};

const VOLATILITIES = { i: "immutable", s: "stable", v: "volatile" } as const;

/** Undefined for functions that cannot be called with plain values: triggers, polymorphic and internal ones, untyped records. */
export function readFunction(row: FunctionRow, types: PgTypes): CatalogFunction | undefined {
  const all = (row.types ?? []).map((type, index) => ({
    type,
    mode: row.modes?.[index] ?? "i",
    name: row.names?.[index] || null,
  }));
  const into = all.filter(({ mode }) => mode === "i" || mode === "b");
  const out = all.filter(({ mode }) => mode !== "i");
  if (all.some(({ type }) => types.isPseudo(type))) return undefined;
  const returns = returnsOf(row, out, types);
  if (!returns) return undefined;
  return {
    schema: row.schema,
    name: row.name,
    arguments: into.map(
      ({ name, type }, index): CatalogArgument => ({
        name,
        type: types.of(type),
        hasDefault: index >= into.length - row.defaults,
      }),
    ),
    returns,
    returnsSet: row.returnsSet,
    volatility: VOLATILITIES[row.volatility],
    strict: row.strict,
    ...(row.comment !== null && { comment: row.comment }),
  };
}

function returnsOf(
  row: FunctionRow,
  out: readonly { readonly name: string | null; readonly type: number }[],
  types: PgTypes,
): CatalogFunction["returns"] | undefined {
  if (out.length > 1) {
    const columns = out.map(({ name, type }, index): CatalogColumn => {
      // PostgreSQL names an unnamed OUT argument so.
      return { name: name ?? `column${index + 1}`, type: types.of(type), notNull: false };
    });
    return { kind: "table", columns };
  }
  if (types.isVoid(row.returns)) return { kind: "void" };
  if (types.isPseudo(row.returns)) return undefined;
  const type = types.of(row.returns);
  return type.kind === "composite"
    ? { kind: "rows", relation: { schema: type.schema, name: type.name } }
    : { kind: "value", type };
}
