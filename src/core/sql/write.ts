/**
 * A mutation's statement. Of one row it is `insert … returning <JSON>`, whose one value is the value of the root field; of
 * many it is `with t1 as (insert … returning …) select <list of JSON> from t1`. What is selected of the written rows is what PostgreSQL stored, with the work of its triggers; rows of
 * other relations, and other rows of the same, are as they were before the statement.
 */
import { FraiseqlError } from "../errors.ts";
import { type Bind, bindKey, resolveBind } from "../graphql/input.ts";
import { inputJson } from "../graphql/input-json.ts";
import type { Limits } from "../limits.ts";
import type { Change, Conflict, NewRows, WriteNode, WrittenColumn } from "../plan/mutation.ts";
import type { ObjectType } from "../schema/model.ts";
import { totalKey } from "../schema/total-key.ts";
import { conditionSql } from "./condition.ts";
import {
  columnOf,
  columnsRead,
  type Fragment,
  identifier,
  integer,
  join,
  parameter,
  renderText,
  sql,
} from "./fragment.ts";
import { textOf } from "./json-text.ts";
import { valueOfJson } from "./json-value.ts";
import { readsWholeRow } from "./lists.ts";
import { failWith } from "./marker.ts";
import { pgTexts, typedOperand } from "./operand.ts";
import { renderWith } from "./output.ts";
import type { Render } from "./render.ts";
import { createRendering, type Row } from "./scope.ts";
import { type CompiledStatement, toBeFilled } from "./statement.ts";
import { relationName, typeName } from "./value.ts";

/** An insert, update, upsert or delete, and the JSON text of the rows it wrote. */
export function compileWrite(node: WriteNode, limits: Limits): CompiledStatement {
  return toBeFilled(renderText(writeSql(node, limits)));
}

function writeSql(node: WriteNode, limits: Limits): Fragment {
  const render = renderWith(createRendering({ limits }));
  const alias = render.alias();
  return node.many ? writeMany(node, render, alias) : writeOne(node, render, alias);
}

function rowText({ output }: WriteNode, render: Render, row: Row): Fragment {
  const joins: Fragment[] = [];
  const text = textOf(render.output(output, row, joins));
  if (joins.length > 0) throw new TypeError("below a written row nothing is joined");
  return text;
}

function writeOne(node: WriteNode, render: Render, alias: Fragment): Fragment {
  const row: Row = { alias };
  return sql`${changeSql(node, row, render)} returning ${rowText(node, render, row)}`;
}

function writeMany(node: WriteNode, render: Render, alias: Fragment): Fragment {
  const whole = columnOf(alias, "whole row");
  const row: Row = { alias, whole };
  const answer = manyRows(node, rowText(node, render, row), alias, render.limits);
  const isWhole = readsWholeRow(node.output);
  const columns = columnsRead(answer, alias).filter((column) => !isWhole || !sameParts(column, whole));
  const returned = isWhole ? [...columns, sql`${alias} as ${identifier("whole row")}`] : columns;
  const returning = returned.length > 0 ? join(returned, ", ") : sql`1 as one`;
  return sql`with ${alias} as (${changeSql(node, row, render)} returning ${returning}) ${answer}`;
}

const sameParts = (a: Fragment, b: Fragment): boolean => JSON.stringify(a.parts) === JSON.stringify(b.parts);

/** New rows come in the order they were given, others in the order of their key. */
function manyRows(
  { change, object, coordinate }: WriteNode,
  text: Fragment,
  alias: Fragment,
  limits: Limits,
): Fragment {
  const order = change.kind === "insert" ? sql`` : orderOf(object, alias);
  const list = sql`'[' || coalesce(string_agg(${text}, ','${order}), '') || ']'`;
  if (change.kind === "insert") return sql`select ${list} from ${alias}`;
  const max = integer(limits.mutationRowsMax);
  return sql`select case when count(*) > ${max} then ${failWith("MUTATION_LIMIT", coordinate)} else ${list} end from ${alias}`;
}

function orderOf(object: ObjectType, alias: Fragment): Fragment {
  const columns = (totalKey(object.keys)?.columns ?? []).map(({ column }) => columnOf(alias, column));
  return columns.length > 0 ? sql` order by ${join(columns, ", ")}` : sql``;
}

function changeSql({ change, relation }: WriteNode, row: Row, render: Render): Fragment {
  const table = sql`${relationName(relation)} as ${row.alias}`;
  switch (change.kind) {
    case "insert":
      return sql`insert into ${table} ${newRows(change.rows, render)}${conflictSql(change.conflict)}`;
    case "update": {
      const set = change.set.map((each) => sql`${identifier(each.column)} = ${valueSql(each.bind, each, render)}`);
      return sql`update ${table} set ${join(set, ", ")}${filterSql(change, row, render)}`;
    }
    case "delete":
      return sql`delete from ${table}${filterSql(change, row, render)}`;
  }
}

function filterSql({ where }: Extract<Change, { kind: "update" | "delete" }>, row: Row, render: Render): Fragment {
  return where ? sql` where ${conditionSql(where, row, render)}` : sql``;
}

function newRows(rows: NewRows, render: Render): Fragment {
  const names = sql`(${join(
    rows.columns.map(({ column }) => identifier(column)),
    ", ",
  )})`;
  if (rows.kind === "rows") {
    const values = rows.rows.map(
      (row) =>
        sql`(${join(
          row.map((bind, index) => valueSql(bind, rows.columns[index] as WrittenColumn, render)),
          ", ",
        )})`,
    );
    const [first] = values;
    return values.length > render.limits.mutationRowsMax || !first
      ? tooMany(render.limits.mutationRowsMax)
      : sql`${names} values ${join(values, ", ")}`;
  }
  const given = render.alias();
  const aliases = rows.columns.map((_, index) => identifier(`c${index + 1}`));
  const lists = rows.columns.map((column, index) => {
    const list = listOf(rows.list, column, render.limits.mutationRowsMax);
    return sql`unnest(${list}) as ${aliases[index] as Fragment}`;
  });
  const values = rows.columns.map(({ type, json }, index) => {
    const text = sql`${given}.${aliases[index] as Fragment}`;
    return json ? valueOfJson(type, sql`${text}::jsonb`, render.alias) : sql`${text}::${typeName(type)}`;
  });
  // As one table of several arrays `unnest` would lay down all rows before it gives the first.
  return sql`${names} select ${join(values, ", ")} from (select ${join(lists, ", ")}) as ${given}`;
}

function valueSql(bind: Bind | undefined, { type, json }: WrittenColumn, render: Render): Fragment {
  if (!bind) return sql`default`;
  return json
    ? valueOfJson(type, typedOperand(bind, { kind: "base", name: "jsonb" }), render.alias)
    : typedOperand(bind, type);
}

/** The values of one column, as PostgreSQL's text for each: an array of arrays would not keep its rows apart. */
function listOf(list: Bind, { field, json }: WrittenColumn & { readonly field: string }, rowsMax: number): Fragment {
  const read = (variables: Readonly<Record<string, unknown>>): string | null => {
    const rows = resolveBind(list, variables) as readonly Readonly<Record<string, unknown>>[];
    if (rows.length > rowsMax) tooMany(rowsMax);
    return pgTexts(rows.map((row) => (json && row[field] !== null ? inputJson(json, row[field]) : row[field])));
  };
  return sql`${parameter({ key: `column:${field}:${bindKey(list)}`, read })}::text[]`;
}

function tooMany(limit: number): never {
  throw new FraiseqlError("MUTATION_LIMIT", `At most ${limit} rows can be written by one mutation.`, {
    details: { limit },
  });
}

function conflictSql(conflict: Conflict | undefined): Fragment {
  if (!conflict) return sql``;
  const names = (columns: readonly string[]) => columns.map((column) => identifier(column));
  const set = names(conflict.set).map((name) => sql`${name} = excluded.${name}`);
  return sql` on conflict (${join(names(conflict.key), ", ")}) do update set ${join(set, ", ")}`;
}
