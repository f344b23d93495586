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
  /** `i`, `v` (variadic), `o`, `b` (both), `t` (column of the returned table); null when all go in. */
  readonly modes: readonly ("i" | "v" | "o" | "b" | "t")[] | null;
  readonly names: readonly string[] | null;
  readonly comment: string | null;
};

const VOLATILITIES = { i: "immutable", s: "stable", v: "volatile" } as const;

/** The function, or why it cannot be called with plain values. */
export function readFunction(row: FunctionRow, types: PgTypes): CatalogFunction | { readonly leftOut: string } {
  const all = (row.types ?? []).map((type, index) => ({
    type,
    mode: row.modes?.[index] ?? "i",
    name: row.names?.[index] || null,
  }));
  const into = all.filter(({ mode }) => mode === "i" || mode === "v" || mode === "b");
  const out = all.filter(({ mode }) => mode !== "i" && mode !== "v");
  if (all.some(({ type }) => types.isPseudo(type)))
    return { leftOut: "it is polymorphic, or an argument is of a type without values" };
  const returns = returnsOf(row, out, types);
  if (!returns) return { leftOut: "it returns records and does not say with which columns" };
  return {
    schema: row.schema,
    name: row.name,
    arguments: into.map(
      ({ name, type, mode }, index): CatalogArgument => ({
        name,
        type: types.of(type),
        hasDefault: index >= into.length - row.defaults,
        ...(mode === "v" && { variadic: true }),
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
  out: readonly { readonly name: string | null; readonly type: number; readonly mode: string }[],
  types: PgTypes,
): CatalogFunction["returns"] | undefined {
  // A single OUT argument makes a value; a table of one column is a table.
  if (out.length > 1 || out[0]?.mode === "t") {
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
