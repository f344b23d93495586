/** PostgreSQL's text output, read in JavaScript: the oracle's own account of what a stored value is. */
import type { PgType } from "../../../src/core/schema/catalog.ts";

export type Text = string | null;

export const baseType = (type: PgType): PgType => (type.kind === "domain" ? baseType(type.base) : type);

export const baseName = (type: PgType): string => {
  const base = baseType(type);
  return base.kind === "base" ? base.name : base.kind;
};

/** The value graphql-js serializes: what the schema's scalar promises for this stored value. */
export function fieldValue(type: PgType, text: Text): unknown {
  if (text === null) return null;
  const base = baseType(type);
  if (base.kind === "array") return arrayItems(text).map((item) => fieldValue(base.element, item));
  if (base.kind !== "base") return text;
  switch (base.name) {
    case "int2":
    case "int4":
      return Number(text);
    case "float4":
    case "float8": {
      const number = Number(text.replace("Infinity", "NaN"));
      return Number.isNaN(number) ? null : number;
    }
    case "bool":
      return text === "t" || text === "true";
    case "json":
    case "jsonb":
      return JSON.parse(text);
    case "timestamp":
      return text.replace(" ", "T");
    case "timestamptz":
      return text.replace(" ", "T").replace(/\+00( BC)?$/, "+00:00$1");
    case "timetz":
      return text.replace(/([+-]\d\d)$/, "$1:00");
    case "bytea":
      return Buffer.from(text.slice(2), "hex").toString("base64");
    case "bpchar":
      return text.replace(/ +$/, "");
    default:
      return text;
  }
}

/** What a cast to text gives, where that differs from the output form. Tokens hold values so. */
export function castText(type: PgType, text: Text): Text {
  if (text === null) return null;
  switch (baseName(type)) {
    case "bool":
      return text === "t" || text === "true" ? "true" : "false";
    case "bpchar":
      return text.replace(/ +$/, "");
    case "inet":
      return text.includes("/") ? text : `${text}/${text.includes(":") ? 128 : 32}`;
    default:
      return text;
  }
}

/** Elements of an array's text form, those of inner arrays one after the other. */
export function arrayItems(text: string): readonly Text[] {
  const items: Text[] = [];
  let at = text.indexOf("{");
  while (at < text.length) {
    const character = text[at] as string;
    if ("{},".includes(character)) {
      at += 1;
      continue;
    }
    if (character === '"') {
      const [value, end] = quotedText(text, at);
      items.push(value);
      at = end;
      continue;
    }
    const end = at + (/^[^,}]*/.exec(text.slice(at)) as RegExpExecArray)[0].length;
    const word = text.slice(at, end);
    items.push(word === "NULL" ? null : word);
    at = end;
  }
  return items;
}

/** Attributes of a composite's text form. */
export function compositeItems(text: string): readonly Text[] {
  const items: Text[] = [];
  let at = 1;
  while (at < text.length) {
    let value: Text = null;
    while (at < text.length && text[at] !== "," && text[at] !== ")") {
      if (text[at] === '"') {
        const [part, end] = quotedText(text, at);
        value = (value ?? "") + part;
        at = end;
      } else {
        value = (value ?? "") + text[at];
        at += 1;
      }
    }
    items.push(value);
    at += 1;
  }
  return items;
}

export type RangeParts = Readonly<Record<"lower" | "upper" | "lowerInclusive" | "upperInclusive" | "isEmpty", Text>>;

export function rangeParts(text: string): RangeParts {
  if (text === "empty") return { lower: null, upper: null, lowerInclusive: "f", upperInclusive: "f", isEmpty: "t" };
  const [lower, upper] = compositeItems(`(${text.slice(1, -1)})`);
  return {
    lower: lower ?? null,
    upper: upper ?? null,
    lowerInclusive: text.startsWith("[") ? "t" : "f",
    upperInclusive: text.endsWith("]") ? "t" : "f",
    isEmpty: "f",
  };
}

/** A text in quotes from `start`, with `""` and `\` as escapes; and where it ends. */
function quotedText(text: string, start: number): readonly [string, number] {
  let value = "";
  let at = start + 1;
  while (at < text.length) {
    if (text[at] === "\\") {
      value += text[at + 1];
      at += 2;
    } else if (text[at] === '"' && text[at + 1] === '"') {
      value += '"';
      at += 2;
    } else if (text[at] === '"') {
      return [value, at + 1];
    } else {
      value += text[at];
      at += 1;
    }
  }
  throw new Error(`no end of the quoted text in ${text}`);
}

export const arrayText = (items: readonly Text[]): string =>
  `{${items.map((item) => (item === null ? "NULL" : `"${item.replaceAll(/[\\"]/g, (each) => `\\${each}`)}"`)).join(",")}}`;

const pad = (value: number, width = 2): string => String(value).padStart(width, "0");

/** The start of the bucket a time lies in. */
export function bucketStart(bucket: string, type: PgType, text: string): string {
  if (text.includes("infinity") || bucket === "exact") return text;
  const [, year, month, day, hour = "00", minute = "00", second = "00", zone = ""] =
    /^(\d+)-(\d\d)-(\d\d)(?: (\d\d):(\d\d):(\d\d)(?:\.\d+)?(\+00)?)?$/.exec(text) ?? [];
  if (!year || !month || !day) throw new Error(`${text} is no time the oracle can cut`);
  const units = ["year", "month", "day", "hour", "minute", "second"];
  const parts = [year, month, day, hour, minute, second];
  if (bucket === "quarter") {
    parts.splice(1, 5, pad(Math.floor((Number(month) - 1) / 3) * 3 + 1), "01", "00", "00", "00");
  } else if (bucket === "week") {
    const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
    date.setUTCDate(date.getUTCDate() - ((date.getUTCDay() + 6) % 7));
    parts.splice(
      0,
      6,
      pad(date.getUTCFullYear(), 4),
      pad(date.getUTCMonth() + 1),
      pad(date.getUTCDate()),
      "00",
      "00",
      "00",
    );
  } else {
    const kept = units.indexOf(bucket) + 1;
    parts.splice(kept, 6 - kept, ...["01", "01", "01", "00", "00", "00"].slice(kept));
  }
  const date = parts.slice(0, 3).join("-");
  return baseName(type) === "date" ? date : `${date} ${parts.slice(3).join(":")}${zone}`;
}
