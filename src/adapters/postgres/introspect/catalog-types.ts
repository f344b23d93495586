/** From rows of `pg_type` to the types of the catalog. */
import type { PgType } from "../../../core/schema/catalog.ts";
import { withoutDomains } from "../../../core/schema/pg-types.ts";
import { scalarOfPgType } from "../../../core/schema/scalars.ts";

export type TypeRow = {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  /** `pg_type.typtype`. */
  readonly kind: "b" | "c" | "d" | "e" | "r" | "m" | "p";
  readonly visible: boolean;
  readonly element: number | null;
  readonly base: number;
  /** `pg_type.typtypmod`: what a domain adds to its base, e.g. the precision of a numeric; -1 for nothing. */
  readonly modifier: number;
  readonly notNull: boolean;
  readonly subtype: number | null;
  /** `pg_class.relkind` of a composite's relation: `c` for a free-standing type. */
  readonly relationKind: string | null;
  readonly labels: readonly string[] | null;
  readonly comment: string | null;
};

export type PgTypes = {
  readonly of: (oid: number) => PgType;
  /** Whether values of the type can stand in a column or be passed: pseudo-types cannot. */
  readonly isPseudo: (oid: number) => boolean;
  readonly isVoid: (oid: number) => boolean;
  /** Whether a domain on the way to the base type forbids nulls. */
  readonly forbidsNull: (oid: number) => boolean;
};

/** @param composites free-standing composites with attributes; one without any is nothing to select from. */
export function readTypes(rows: readonly TypeRow[], composites: ReadonlySet<number>): PgTypes {
  const byOid = new Map(rows.map((row) => [row.oid, row]));
  const made = new Map<number, PgType>();
  const other = (row: TypeRow): PgType => ({ kind: "other", schema: row.schema, name: row.name });

  const make = (row: TypeRow): PgType => {
    const { schema, name } = row;
    switch (row.kind) {
      case "e":
        // An enum without labels has no value, and GraphQL has no enum without values.
        return row.labels ? { kind: "enum", schema, name } : other(row);
      case "d":
        return { kind: "domain", schema, name, base: withModifier(of(row.base), row.modifier) };
      case "r":
        return { kind: "range", schema, name, subtype: of(row.subtype ?? 0) };
      case "c":
        if (row.relationKind === "c" && !composites.has(row.oid)) return other(row);
        return { kind: "composite", schema, name };
      case "b":
        if (row.element !== null) return { kind: "array", element: elementOf(row.element) };
        // What no scalar stands for is shown as text.
        if (schema === "pg_catalog" && scalarOfPgType(name)) return { kind: "base", name };
        // Its operators are found through the search path, or not at all.
        return name === "citext" && row.visible ? { kind: "base", name } : other(row);
      default:
        return other(row);
    }
  };

  /** GraphQL has lists of lists, but an array's number of dimensions is not part of its type: an array in an array stays text. */
  const elementOf = (oid: number): PgType => {
    const element = of(oid);
    const row = byOid.get(oid);
    return row && withoutDomains(element).kind === "array" ? other(row) : element;
  };

  const of = (oid: number): PgType => {
    const known = made.get(oid);
    if (known) return known;
    const row = byOid.get(oid);
    const type: PgType = row ? make(row) : { kind: "other", schema: "pg_catalog", name: "text" };
    made.set(oid, type);
    return type;
  };

  return {
    of,
    isPseudo: (oid) => (byOid.get(oid)?.kind ?? "p") === "p",
    isVoid: (oid) => byOid.get(oid)?.name === "void",
    forbidsNull: (oid) => {
      for (let row = byOid.get(oid); row?.kind === "d"; row = byOid.get(row.base)) if (row.notNull) return true;
      return false;
    },
  };
}

/**
 * Precision and scale of a numeric, from its type modifier: the precision stands in the upper half, the scale in eleven
 * bits with a sign. Source: PostgreSQL, `src/backend/utils/adt/numeric.c`, `make_numeric_typmod`.
 */
export function withModifier(type: PgType, modifier: number): PgType {
  if (modifier < 4) return type;
  if (type.kind === "array") return { ...type, element: withModifier(type.element, modifier) };
  if (type.kind !== "base" || type.name !== "numeric") return type;
  const packed = modifier - 4;
  return { ...type, precision: (packed >> 16) & 0xffff, scale: ((packed & 0x7ff) ^ 1024) - 1024 };
}

/** The same type under a collation that takes different texts for equal. An array has no operator that asks for more. */
export function nondeterministic(type: PgType): PgType {
  if (type.kind === "domain") return { ...type, base: nondeterministic(type.base) };
  return type.kind === "base" ? { ...type, collation: "nondeterministic" } : type;
}
