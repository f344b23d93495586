/** Rows of the queries in `catalog-queries.ts`. */
import type { CatalogConstraint, CatalogForeignKey } from "../../../core/schema/catalog.ts";

export type RelationRow = {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly kind: "r" | "p" | "v" | "m" | "f";
  readonly rowSecurity: boolean;
  readonly comment: string | null;
  /** Tables that inherit from it, to any depth, partitions left out. */
  readonly heirs: readonly number[] | null;
  readonly parents: readonly number[] | null;
};
export type ColumnRow = {
  readonly relation: number;
  readonly name: string;
  readonly type: number;
  readonly modifier: number;
  readonly isTable: boolean;
  readonly notNull: boolean;
  readonly comment: string | null;
  readonly hasDefault: boolean;
  readonly generated: "" | "s" | "v";
  readonly identity: "" | "a" | "d";
  /** Whether its collation is. */
  readonly nondeterministic: boolean;
};
export type KeyRow = {
  readonly relation: number;
  readonly name: string;
  readonly primary: boolean;
  readonly deferrable: boolean;
  readonly columns: readonly string[];
};
export type ForeignKeyRow = CatalogForeignKey & { readonly relation: number };
export type ConstraintRow = CatalogConstraint & { readonly relation: number };
export type AttributeRow = {
  readonly composite: number;
  readonly name: string;
  readonly type: number;
  readonly modifier: number;
  readonly comment: string | null;
};
