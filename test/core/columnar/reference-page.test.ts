/** The page on the types of a table says what the code does. */
import { expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Dictionary, type Field, Type } from "apache-arrow";
import { wireOf } from "../../../src/core/columnar/column-type.ts";
import type { PgType } from "../../../src/core/schema/catalog.ts";
import type { EnumType } from "../../../src/core/schema/model.ts";
import { sql } from "../../../src/core/sql/fragment.ts";
import { column, encode } from "./encode.ts";
import { readApacheArrow } from "./read-apache-arrow.ts";

const page = await readFile(join(import.meta.dir, "../../../docs/reference/arrow-types.md"), "utf8");

/** Rows of the table below a heading. */
function tableBelow(heading: string): readonly (readonly string[])[] {
  const section = page.split(`## ${heading}\n`)[1]?.split("\n## ")[0] ?? "";
  const rows = section.split("\n").filter((line) => line.startsWith("|"));
  return rows.slice(2).map((row) =>
    row
      .split("|")
      .map((cell) => cell.trim())
      .slice(1, -1),
  );
}

const base = (name: string, rest: object = {}): PgType => ({ kind: "base", name, ...rest });
const mood: PgType = { kind: "enum", schema: "public", name: "mood" };
const MOOD: EnumType = {
  name: "Mood",
  values: ["sad", "ok"].map((label) => ({ name: label.toUpperCase(), label })),
} as EnumType;

/** What the first column stands for, where it is no name of a type. */
const WORDS: Readonly<Record<string, PgType>> = {
  "`numeric(p, s)` with p up to 38": base("numeric", { precision: 38, scale: 7 }),
  "`numeric(p, s)` with p from 39 to 76": base("numeric", { precision: 76, scale: 7 }),
  "`numeric(p, s)` with p above 76": base("numeric", { precision: 77, scale: 7 }),
  "`char(n)`": base("bpchar"),
  enum: mood,
  domain: { kind: "domain", schema: "public", name: "d", base: base("int4") },
  array: { kind: "array", element: base("int4") },
};

function fieldOf(type: PgType): Field {
  const context = { enumOf: (each: PgType) => (each === mood ? MOOD : undefined), coordinate: "Table.c" };
  return readApacheArrow(encode([column("c", wireOf(sql`c`, type, context).type)], [])).schema.fields[0] as Field;
}

/** The name this project gives a type of Arrow. */
function nameOf({ type, metadata }: Field): string {
  const { typeId, precision, scale, bitWidth, byteWidth, timezone } = type as Field["type"] & Record<string, unknown>;
  const extension = metadata.get("ARROW:extension:name");
  const names: Readonly<Record<number, string>> = {
    [Type.Decimal]: `Decimal${bitWidth}(${precision}, ${scale})`,
    [Type.FixedSizeBinary]: `FixedSizeBinary(${byteWidth})`,
    [Type.Date]: "Date32",
    [Type.Time]: "Time64(us)",
    [Type.Timestamp]: timezone ? `Timestamp(us, ${timezone})` : "Timestamp(us)",
    [Type.Interval]: "Interval(month, day, nano)",
    [Type.List]: "List",
    [Type.Dictionary]: `Dictionary(${(type as Dictionary).indices}, ${(type as Dictionary).dictionary})`,
  };
  const name = `\`${names[typeId] ?? type}\``;
  return extension === undefined ? name : `${name}, extension \`${extension}\``;
}

test("every type of the page has the type of Arrow the page says", () => {
  const rows = tableBelow("Values");
  expect(rows.length).toBeGreaterThan(30);
  const expected = rows.map(([type, arrow]) => {
    if (type === "domain") return [type ?? "", "`Int32`"];
    if (type === "array") return [type ?? "", "`List`"];
    return [type ?? "", arrow?.replace("(p, s)", `(${type?.includes("76") ? 76 : 38}, 7)`) ?? ""];
  });
  const found = rows.map(([type = ""]) => [type, nameOf(fieldOf(WORDS[type] ?? base(type.replaceAll("`", ""))))]);
  expect(found).toEqual(expected);
});

test("a scale outside of the precision becomes what the page says", () => {
  expect(nameOf(fieldOf(base("numeric", { precision: 5, scale: -3 })))).toBe("`Decimal128(8, 0)`");
  expect(nameOf(fieldOf(base("numeric", { precision: 2, scale: 5 })))).toBe("`Decimal128(5, 5)`");
  expect(page).toContain("`numeric(5, -3)` is\n`Decimal128(8, 0)`, `numeric(2, 5)` is `Decimal128(5, 5)`");
});

test("no module of the project writes Arrow with a library", async () => {
  const root = join(import.meta.dir, "../../..");
  for await (const file of new Bun.Glob("{src,routes,workers}/**/*.ts").scan(root)) {
    const isClient = file.startsWith("src/client/");
    const text = await readFile(join(root, file), "utf8");
    expect([file, /from "(apache-arrow|@uwdata\/flechette)"/.test(text) && !isClient]).toEqual([file, false]);
  }
});
