/** What a value is in a table, told from what PostgreSQL or our JSON says of it. */
import type { Column, ColumnType } from "../../src/core/columnar/column.ts";
import { float, type Logical } from "../core/columnar/logical.ts";

const INT32_MAX = 2n ** 31n - 1n;
const INT64_MAX = 2n ** 63n - 1n;
const MICROS_PER_DAY = 86_400_000_000n;

/** `text` as PostgreSQL writes it, or as it stands in JSON (`T` between day and time, ISO 8601 durations). */
export function logicalOfText(type: ColumnType, text: string): Logical {
  switch (type.kind) {
    case "bool":
      return text === "true" || text === "t";
    case "float":
      return float(type.bits === 32 ? Math.fround(Number(text)) : Number(text));
    case "decimal":
      return String(BigInt(text.replace(".", "")));
    case "uuid":
      return text.replaceAll("-", "");
    case "bytes":
      return text.slice(2);
    case "date":
      return infinity(text, INT32_MAX) ?? String(daysOf(text));
    case "time":
      return String(microsOf(text));
    case "timestamp":
      return infinity(text, INT64_MAX) ?? String(timestampOf(text));
    case "interval":
      return intervalOf(text);
    case "dictionary":
      return type.names[type.labels.indexOf(text)] ?? text;
    default:
      return text;
  }
}

function infinity(text: string, max: bigint): string | undefined {
  if (text === "infinity") return String(max);
  return text === "-infinity" ? String(-max - 1n) : undefined;
}

/** Days since 1970-01-01 in the Gregorian calendar, which PostgreSQL also uses for the time before it. */
function daysOf(text: string): bigint {
  const [, year = "", month = "", day = "", era] = /^(\d+)-(\d\d)-(\d\d)(.* BC)?/.exec(text) ?? [];
  const y = (era ? 1n - BigInt(year) : BigInt(year)) - (Number(month) <= 2 ? 1n : 0n);
  const century = (y >= 0n ? y : y - 399n) / 400n;
  const yearOfEra = y - century * 400n;
  const dayOfYear = (153n * ((BigInt(month) + 9n) % 12n) + 2n) / 5n + BigInt(day) - 1n;
  return century * 146_097n + yearOfEra * 365n + yearOfEra / 4n - yearOfEra / 100n + dayOfYear - 719_468n;
}

function microsOf(text: string): bigint {
  const [, sign, hours = "", minutes = "", seconds = "", fraction = ""] =
    /(-?)(\d+):(\d\d):(\d\d)(?:\.(\d+))?/.exec(text) ?? [];
  const whole = (BigInt(hours) * 60n + BigInt(minutes)) * 60n + BigInt(seconds);
  const micros = whole * 1_000_000n + BigInt(fraction.padEnd(6, "0"));
  return sign === "-" ? -micros : micros;
}

const timestampOf = (text: string): bigint => daysOf(text) * MICROS_PER_DAY + microsOf(text.slice(text.search(/[ T]/)));

/** PostgreSQL: `1 year 2 mons -3 days +04:05:06.789`. JSON: `P1Y2M-3DT4H5M6.789S`, a sign for each part. */
function intervalOf(text: string): Logical {
  const part = (pattern: RegExp): bigint => BigInt(pattern.exec(text)?.[1] ?? 0);
  if (!text.startsWith("P")) {
    const months = part(/(-?\d+) years?/) * 12n + part(/(-?\d+) mons?/);
    return [months, part(/(-?\d+) days?/), microsOf(text) * 1000n].map(String);
  }
  const [dates = "", times = ""] = text.split("T");
  const timePart = (unit: string): bigint => BigInt(new RegExp(`(-?\\d+)${unit}`).exec(times)?.[1] ?? 0);
  const [, sign = "", seconds = "0", fraction = ""] = /(-?)(\d+)(?:\.(\d+))?S/.exec(times) ?? [];
  const micros = BigInt(seconds) * 1_000_000n + BigInt(fraction.padEnd(6, "0"));
  const time = (timePart("H") * 60n + timePart("M")) * 60_000_000n + (sign === "-" ? -micros : micros);
  const datePart = (unit: string): bigint => BigInt(new RegExp(`(-?\\d+)${unit}`).exec(dates)?.[1] ?? 0);
  return [datePart("Y") * 12n + datePart("M"), datePart("W") * 7n + datePart("D"), time * 1000n].map(String);
}

/** A value of our JSON answer (parsed) as it has to stand in a table. */
export function logicalOfJson({ type }: Column, json: unknown): Logical {
  if (json === null) return null;
  switch (type.kind) {
    case "list":
      return (json as readonly unknown[]).map((item) => logicalOfJson(type.item, item));
    case "struct":
      return type.fields.map((field) => logicalOfJson(field, (json as Record<string, unknown>)[field.name]));
    case "bool":
      return json as boolean;
    case "bytes":
      return Buffer.from(json as string, "base64").toString("hex");
    case "json":
      return JSON.stringify(json);
    case "dictionary":
      return json as string;
    default:
      return logicalOfText(type, typeof json === "number" ? float(json) : String(json));
  }
}
