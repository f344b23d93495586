/** Writers of records and arrays. */
import type { Column, ColumnType } from "./column.ts";
import { checkOid } from "./wire-oids.ts";
import { createValidity, notRepresentable, otherType, readInt32, refuseNull, type Writer } from "./writer.ts";

/** On the wire: count of fields, then OID, length and bytes of each. Source: PostgreSQL, `record_send`. */
export function structWriter(
  column: Column,
  type: Extract<ColumnType, { kind: "struct" }>,
  fields: readonly Writer[],
): Writer {
  const validity = type.spread ? undefined : createValidity();
  let rows = 0;
  /** The description of a result says nothing of what is in its records; the first of them does for all. */
  let isChecked = false;
  const check = (bytes: Uint8Array, at: number): void => {
    if (readInt32(bytes, at) !== fields.length) otherType(column);
    let position = at + 4;
    for (const field of type.fields) {
      checkOid(field, readInt32(bytes, position));
      position += 8 + Math.max(0, readInt32(bytes, position + 4));
    }
    isChecked = true;
  };
  const appendEmpty = (): void => {
    if (column.nullable) validity?.markNull(rows);
    for (const field of fields) field.appendEmpty();
    rows += 1;
  };
  return {
    append: (bytes, at) => {
      const length = readInt32(bytes, at);
      if (length < 0) {
        if (!column.nullable) refuseNull(column);
        appendEmpty();
        return at + 4;
      }
      if (!isChecked) check(bytes, at + 4);
      // Behind the count stand the fields, each behind its OID.
      let position = at + 8;
      for (const field of fields) position = field.append(bytes, position + 4);
      rows += 1;
      return at + 4 + length;
    },
    appendEmpty,
    take: (nodes, buffers) => {
      validity?.take(rows, nodes, buffers);
      for (const field of fields) field.take(nodes, buffers);
      rows = 0;
    },
    bytes: () => fields.reduce((sum, field) => sum + field.bytes(), 0),
  };
}

const START_ROWS = 256;
/** Most elements the offsets of a list can count in one batch. */
const ELEMENTS_MAX = 0x7fffffff;

/**
 * On the wire: dimensions, a flag for nulls and the element's OID, size and lower bound of each dimension, then length
 * and bytes of each element, inner arrays one after the other. Source: PostgreSQL, `array_send`.
 */
export function listWriter(column: Column, type: Extract<ColumnType, { kind: "list" }>, item: Writer): Writer {
  const validity = createValidity();
  let offsets = new Int32Array(START_ROWS);
  let rows = 0;
  let elements = 0;
  const endRow = (): void => {
    rows += 1;
    if (rows >= offsets.length) {
      const larger = new Int32Array(offsets.length * 2);
      larger.set(offsets);
      offsets = larger;
    }
    offsets[rows] = elements;
  };
  return {
    append: (bytes, at) => {
      const length = readInt32(bytes, at);
      if (length < 0) {
        if (!type.nullIsEmpty) {
          if (!column.nullable) refuseNull(column);
          validity.markNull(rows);
        }
        endRow();
        return at + 4;
      }
      const dimensions = readInt32(bytes, at + 4);
      let count = dimensions === 0 ? 0 : 1;
      for (let index = 0; index < dimensions; index += 1) count *= readInt32(bytes, at + 16 + index * 8);
      let position = at + 16 + dimensions * 8;
      for (let index = 0; index < count; index += 1) position = item.append(bytes, position);
      elements += count;
      if (elements > ELEMENTS_MAX) notRepresentable(column, "more list elements than one batch can count");
      endRow();
      return at + 4 + length;
    },
    appendEmpty: () => {
      if (column.nullable) validity.markNull(rows);
      endRow();
    },
    take: (nodes, buffers) => {
      validity.take(rows, nodes, buffers);
      buffers.push(new Uint8Array(offsets.buffer, 0, (rows + 1) * 4));
      item.take(nodes, buffers);
      rows = 0;
      elements = 0;
    },
    bytes: () => rows * 4 + item.bytes(),
  };
}
