/**
 * The server's side: rows as PostgreSQL sends them, made from logical values by other means than those that read them.
 * Formats: `src/backend/utils/adt` of PostgreSQL, functions `…send`.
 */
import type { Column, ColumnType } from "../../../src/core/columnar/column.ts";
import { wireOid } from "../../../src/core/columnar/wire-oids.ts";
import type { Logical } from "./logical.ts";

const EPOCH_DAYS = 10_957n;
const EPOCH_MICROS = 946_684_800_000_000n;
export const INT32_MAX = 2n ** 31n - 1n;
export const INT64_MAX = 2n ** 63n - 1n;

export function dataRow(columns: readonly Column[], values: readonly Logical[]): Buffer {
  const body = columns.map((column, index) => cell(column.type, values[index] as Logical));
  const size = body.reduce((sum, { length }) => sum + length, 0);
  return Buffer.concat([Buffer.from("D"), int32(6 + size), int16(columns.length), ...body]);
}

function cell(type: ColumnType, value: Logical): Buffer {
  if (value === null) return int32(-1);
  const bytes = valueBytes(type, value);
  return Buffer.concat([int32(bytes.length), bytes]);
}

function valueBytes(type: ColumnType, value: Exclude<Logical, null>): Buffer {
  const text = value as string;
  switch (type.kind) {
    case "bool":
      return Buffer.of(value ? 1 : 0);
    case "int":
      return whole(BigInt(text), type.bits / 8);
    case "float":
      return float(Number(text), type.bits);
    case "decimal":
      return numeric(BigInt(text), type.scale);
    case "utf8":
      return Buffer.from(text);
    case "json":
      return Buffer.concat([Buffer.alloc(type.versioned ? 1 : 0, 1), Buffer.from(text)]);
    case "bytes":
    case "uuid":
      return Buffer.from(text, "hex");
    case "date":
      return whole(sinceYear2000(BigInt(text), INT32_MAX, EPOCH_DAYS), 4);
    case "time":
      return whole(BigInt(text), 8);
    case "timestamp":
      return whole(sinceYear2000(BigInt(text), INT64_MAX, EPOCH_MICROS), 8);
    case "interval": {
      const [months = 0n, days = 0n, nanos = 0n] = (value as readonly string[]).map(BigInt);
      return Buffer.concat([whole(nanos / 1000n, 8), whole(days, 4), whole(months, 4)]);
    }
    case "dictionary":
      return Buffer.from(type.labels[type.names.indexOf(text)] as string);
    case "list":
      return array(type.item.type, value as readonly Logical[]);
    case "struct": {
      const fields = type.fields.map((field, index) =>
        Buffer.concat([int32(wireOid(field.type)), cell(field.type, (value as readonly Logical[])[index] as Logical)]),
      );
      return Buffer.concat([int32(type.fields.length), ...fields]);
    }
  }
}

const sinceYear2000 = (value: bigint, max: bigint, epoch: bigint): bigint =>
  value === max || value === -max - 1n ? value : value - epoch;

function array(type: ColumnType, items: readonly Logical[]): Buffer {
  const nulls = items.includes(null) ? 1 : 0;
  if (items.length === 0) return Buffer.concat([int32(0), int32(nulls), int32(0)]);
  const head = [int32(1), int32(nulls), int32(0), int32(items.length), int32(1)];
  return Buffer.concat([...head, ...items.map((item) => cell(type, item))]);
}

/** Digits of base 10,000, cut from the decimal digits; zeros at both ends are not sent. */
function numeric(unscaled: bigint, scale: number): Buffer {
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, "0");
  const whole = digits.slice(0, digits.length - scale);
  const fraction = digits.slice(digits.length - scale);
  const padded = "0".repeat(-whole.length & 3) + whole + fraction + "0".repeat(-fraction.length & 3);
  const groups = padded.match(/.{4}/g) ?? [];
  let weight = Math.ceil(whole.length / 4) - 1;
  while (groups[0] === "0000") {
    groups.shift();
    weight -= 1;
  }
  while (groups.at(-1) === "0000") groups.pop();
  const head = [groups.length, groups.length === 0 ? 0 : weight, unscaled < 0n ? 0x4000 : 0, scale];
  return Buffer.concat([...head, ...groups.map(Number)].map(int16));
}

const int16 = (value: number): Buffer => whole(BigInt(value), 2);
const int32 = (value: number): Buffer => whole(BigInt(value), 4);

function whole(value: bigint, width: number): Buffer {
  const bytes = Buffer.alloc(width);
  let rest = BigInt.asUintN(width * 8, value);
  for (let index = width - 1; index >= 0; index -= 1) {
    bytes[index] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  return bytes;
}

function float(value: number, bits: 32 | 64): Buffer {
  const bytes = Buffer.alloc(bits / 8);
  if (bits === 32) bytes.writeFloatBE(value);
  else bytes.writeDoubleBE(value);
  return bytes;
}
