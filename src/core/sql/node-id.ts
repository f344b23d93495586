/** Tokens made by PostgreSQL: node ids and cursors. */
import type { Key, ObjectType } from "../schema/model.ts";
import { totalKey } from "../schema/total-key.ts";
import { columnOf, type Fragment, literal, sql } from "./fragment.ts";
import { type JsonText, textOf } from "./json-text.ts";
import type { Row } from "./scope.ts";

/** The node id of a row; see `graphql/node-id.ts` for its form. */
export function nodeIdSql(object: ObjectType, row: Row): Fragment {
  const { columns } = totalKey(object.keys) as Key;
  return tokenSql(
    object.name,
    columns.map((each) => columnOf(row.alias, each.column)),
  );
}

/** A base64url token of `[head, value, …]`, each value as PostgreSQL prints it, null as null. */
export function tokenSql(head: string, values: readonly Fragment[]): Fragment {
  const parts: JsonText = [
    `[${JSON.stringify(head)}`,
    ...values.flatMap((value) => [",", sql`coalesce(to_json(${value}::text)::text, 'null')`]),
    "]",
  ];
  const bytes = sql`convert_to(${textOf(parts)}, 'UTF8')`;
  return sql`translate(encode(${bytes}, 'base64'), ${literal("+/=\n")}, '-_')`;
}
