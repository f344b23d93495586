/**
 * The types values come in, by the numbers PostgreSQL has for them. What a plan expects is held against what the server
 * says before a byte is believed: two types of one width would be misread, not noticed.
 * Source: https://github.com/postgres/postgres/blob/REL_18_STABLE/src/include/catalog/pg_type.dat
 */
import { FraiseqlError } from "../errors.ts";
import type { Column, ColumnType } from "./column.ts";

/** `pg_type.oid` of a type and of its array. */
type Oids = readonly [value: number, array: number];

const RECORD: Oids = [2249, 2287];
const TEXT: Oids = [25, 1009];
/** Their binary form is their text, as that of `text` is. Arrays of them are cast. */
const TEXTS_TOO: readonly number[] = [1043, 19];

function oidsOf(type: ColumnType): Oids {
  switch (type.kind) {
    case "bool":
      return [16, 1000];
    case "int":
      return type.bits === 16 ? [21, 1005] : type.bits === 32 ? [23, 1007] : [20, 1016];
    case "float":
      return type.bits === 32 ? [700, 1021] : [701, 1022];
    case "decimal":
      return [1700, 1231];
    case "uuid":
      return [2950, 2951];
    case "date":
      return [1082, 1182];
    case "time":
      return [1083, 1183];
    case "timestamp":
      return type.zoned ? [1184, 1185] : [1114, 1115];
    case "interval":
      return [1186, 1187];
    case "bytes":
      return [17, 1001];
    case "json":
      return type.versioned ? [3802, 3807] : [114, 199];
    case "utf8":
    case "dictionary":
      return TEXT;
    case "struct":
      return RECORD;
    case "list": {
      // An array of arrays is an array of its elements.
      const [, array] = oidsOf(type.item.type);
      return [array, array];
    }
  }
}

/** The number a value of this type comes with. */
export const wireOid = (type: ColumnType): number => oidsOf(type)[0];

/** @throws FraiseqlError ARTIFACT_MISMATCH where a value of type `oid` is not what `column` expects */
export function checkOid({ type, coordinate }: Column, oid: number): void {
  const expected = wireOid(type);
  if (oid === expected || (type.kind === "utf8" && TEXTS_TOO.includes(oid))) return;
  throw new FraiseqlError(
    "ARTIFACT_MISMATCH",
    `${coordinate} comes as another type than the schema says (type ${oid} of the database instead of ${expected}); compile it again.`,
  );
}

/**
 * Holds the description of a result against the columns it is for.
 *
 * @param described - type numbers of the result's columns, in order
 * @throws FraiseqlError ARTIFACT_MISMATCH for the first that differs
 */
export function checkDescription(columns: readonly Column[], described: readonly number[]): void {
  if (described.length !== columns.length) {
    throw new FraiseqlError(
      "ARTIFACT_MISMATCH",
      `The result has ${described.length} columns instead of ${columns.length}; compile the schema again.`,
    );
  }
  columns.forEach((column, index) => {
    checkOid(column, described[index] as number);
  });
}
