/**
 * Columns of a table: what Arrow calls a field. They come from the plan, never from rows, so the schema of a table is
 * known before PostgreSQL is asked and an empty result has the same one.
 */

export type ColumnType =
  | { readonly kind: "bool" | "utf8" | "bytes" | "uuid" | "date" | "time" | "interval" }
  /** `jsonb` begins with a version byte on the wire, `json` does not. */
  | { readonly kind: "json"; readonly versioned: boolean }
  | { readonly kind: "int"; readonly bits: 16 | 32 | 64 }
  | { readonly kind: "float"; readonly bits: 32 | 64 }
  /** Only where the catalog proves precision and scale (0 to precision); any other numeric is sent as its text. */
  | { readonly kind: "decimal"; readonly precision: number; readonly scale: number }
  | { readonly kind: "timestamp"; readonly zoned: boolean }
  /** An enum: `labels` are on the wire, `names` (same order) are shown. */
  | { readonly kind: "dictionary"; readonly labels: readonly string[]; readonly names: readonly string[] }
  /** On the wire an array. `nullIsEmpty`: a null stands for a list without elements. */
  | { readonly kind: "list"; readonly item: Column; readonly nullIsEmpty: boolean }
  /** On the wire a record. `spread`: in the table its fields are columns, which are null where the record is. */
  | { readonly kind: "struct"; readonly fields: readonly Column[]; readonly spread?: true };

export type Column = {
  /** The response key. */
  readonly name: string;
  readonly type: ColumnType;
  /** False: a null on the wire is an error about `coordinate`. */
  readonly nullable: boolean;
  /** `Type.field`, for that error. */
  readonly coordinate: string;
};

/** The columns a reader sees: fields of a record that is spread stand in its place. */
export function shownColumns(columns: readonly Column[]): readonly Column[] {
  return columns.flatMap((column) =>
    column.type.kind === "struct" && column.type.spread ? shownColumns(column.type.fields) : [column],
  );
}
