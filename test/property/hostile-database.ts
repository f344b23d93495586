/** A database where every name is hostile: schema, tables, columns, types, labels, keys of documents, and the values too. */

import fc from "fast-check";
import { hostileName, hostileText, isText } from "./hostile-text.ts";

const NAMES = 24;
const VALUES = 6;

export type HostileDatabase = { readonly names: readonly string[]; readonly values: readonly string[] };

/** No two names are equal, and none starts as PostgreSQL's own schemas do. */
export const hostileDatabase: fc.Arbitrary<HostileDatabase> = fc.record({
  names: fc.uniqueArray(
    hostileName.filter((name) => isText(name) && !name.startsWith("pg_")),
    { minLength: NAMES, maxLength: NAMES, size: "max" },
  ),
  values: fc.uniqueArray(
    hostileText.filter((text) => isText(text)),
    { minLength: VALUES, maxLength: VALUES, size: "max" },
  ),
});

const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;
const text = (value: string): string => `E'${value.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;

/** The statements that make it, written with another quoting than ours where there is a choice. */
export function hostileSql({ names, values }: HostileDatabase): string {
  let next = 0;
  const take = (): string => names[next++] as string;
  const schema = take();
  const label = [take(), take(), take()];
  const inSchema = (name: string): string => `${identifier(schema)}.${identifier(name)}`;
  const [mood, place, author, book, shelf, loan, card] = [take(), take(), take(), take(), take(), take(), take()].map(
    inSchema,
  );
  const [id, title, kind, kinds, at, by, code, street, key] = [
    take(),
    take(),
    take(),
    take(),
    take(),
    take(),
    take(),
    take(),
    take(),
  ].map(identifier);
  const keys = [take(), take(), take()];
  const value = (index: number): string => text(values[index % VALUES] as string);
  const rows = Array.from({ length: 12 }, (_, index) => {
    const chosen = text(label[index % 3] as string);
    const author = index % 4 === 0 ? "NULL" : String(1 + (index % 3));
    return `(${index}, ${index % 5 === 0 ? "NULL" : value(index)}, ${chosen}, ARRAY[${chosen}, NULL]::${mood}[], ROW(${value(index + 1)}, ${chosen})::${place}, ${author})`;
  });
  return `
    CREATE SCHEMA ${identifier(schema)};
    CREATE TYPE ${mood} AS ENUM (${label.map(text).join(", ")});
    CREATE TYPE ${place} AS (${street} text, ${code} ${mood});
    CREATE TABLE ${author} (${id} integer PRIMARY KEY, ${title} text);
    INSERT INTO ${author} VALUES (1, ${value(0)}), (2, ${value(1)}), (3, NULL);
    CREATE TABLE ${book} (${id} integer PRIMARY KEY, ${title} text, ${kind} ${mood} NOT NULL, ${kinds} ${mood}[], ${at} ${place}, ${by} integer REFERENCES ${author});
    INSERT INTO ${book} VALUES ${rows.join(", ")};
    CREATE TABLE ${shelf} (${code} text, ${key} integer, PRIMARY KEY (${code}, ${key}));
    INSERT INTO ${shelf} VALUES ${values.map((each, index) => `(${text(each)}, ${index})`).join(", ")};
    CREATE TABLE ${loan} (${id} integer REFERENCES ${book}, ${code} text, ${key} integer, PRIMARY KEY (${id}, ${code}, ${key}), FOREIGN KEY (${code}, ${key}) REFERENCES ${shelf});
    INSERT INTO ${loan} SELECT ${id}, ${code}, ${key} FROM ${book}, ${shelf} WHERE (${id} + ${key}) % 3 = 0;
    CREATE VIEW ${card} AS SELECT ${id}, jsonb_build_object(${text(keys[0] as string)}, ${title}, ${text(keys[1] as string)}, jsonb_build_object(${text(keys[2] as string)}, ${kind}), 'list', ${kinds}) AS data FROM ${book};
    COMMENT ON TABLE ${book} IS ${value(2)};
    COMMENT ON COLUMN ${book}.${title} IS ${value(3)};
  `;
}
