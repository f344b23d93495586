/** The SQL value of a field, seen from a row. */
import type { PgType, QualifiedName } from "../schema/catalog.ts";
import type { ValueSource } from "../schema/model.ts";
import { withoutDomains } from "../schema/pg-types.ts";
import { authoredSql, columnOf, type Fragment, identifier, literal, sql } from "./fragment.ts";
import type { Row } from "./scope.ts";

/** The name of a type as it stands in a cast; domains by their base, so that a filter value is not held to their check. */
export function typeName(type: PgType): Fragment {
  switch (type.kind) {
    case "base":
      return identifier(type.name);
    case "array":
      return sql`${typeName(type.element)}[]`;
    case "domain":
      return typeName(type.base);
    default:
      return identifier(type.schema, type.name);
  }
}

export const relationName = (name: QualifiedName): Fragment => identifier(name.schema, name.name);

/** A typed SQL expression. An enum comes without its domains, through which PostgreSQL's operators on enums do not see. */
export function valueSql(source: ValueSource, row: Row): Fragment {
  const value = sourceSql(source, row);
  const isEnumOfDomain = source.type.kind === "domain" && withoutDomains(source.type).kind === "enum";
  return isEnumOfDomain ? sql`${value}::${typeName(source.type)}` : value;
}

function sourceSql(source: ValueSource, row: Row): Fragment {
  switch (source.from) {
    case "column":
      return row.value ? sql`(${row.value}).${identifier(source.column)}` : columnOf(row.alias, source.column);
    case "document":
      return documentValue(row, source.key, source.type);
    case "expression":
      return expressionSql(source, row);
    case "function":
      return sql`${relationName(source.function)}(${row.value ?? row.whole ?? row.alias})`;
    case "range":
      return rangePart(source.part, row.value ?? row.alias);
  }
}

/** Cast to what the author says it is: a text answered as the number it is not would break the JSON. */
function expressionSql({ texts, columns, type }: Extract<ValueSource, { from: "expression" }>, row: Row): Fragment {
  const holes = columns.map((name) => columnOf(row.alias, name));
  return sql`${authoredSql(texts, holes)}::${typeName(type)}`;
}

/** A value inside a JSON document, as the type the schema says; JSON null is SQL null. */
function documentValue(row: Row, key: string, type: PgType): Fragment {
  if (!row.document) throw new TypeError(`there is no document to read ${key} from`);
  if (isJson(type)) return sql`nullif((${row.document}->${literal(key)})::jsonb, 'null')`;
  if (type.kind === "array") return documentList(sql`(${row.document}->${literal(key)})::jsonb`, type.element);
  const text = sql`(${row.document}->>${literal(key)})`;
  return type.kind === "base" && type.name === "text" ? text : sql`${text}::${typeName(type)}`;
}

function documentList(items: Fragment, element: PgType): Fragment {
  const [read, item] = isJson(element)
    ? [sql`jsonb_array_elements`, sql`nullif(e.v, 'null')`]
    : [sql`jsonb_array_elements_text`, sql`e.v`];
  return sql`case when jsonb_typeof(${items}) = 'array' then array(select ${item}::${typeName(element)} from ${read}(${items}) with ordinality as e(v, n) order by e.n) end`;
}

const isJson = (type: PgType): boolean => type.kind === "base" && (type.name === "jsonb" || type.name === "json");

/** JSON inside a document, as jsonb: an embedded object or a list of them. */
export function documentPart(row: Row, key: string): Fragment {
  if (!row.document) throw new TypeError(`there is no document to read ${key} from`);
  return sql`(${row.document}->${literal(key)})::jsonb`;
}

function rangePart(part: Extract<ValueSource, { from: "range" }>["part"], range: Fragment): Fragment {
  switch (part) {
    case "lower":
      return sql`lower(${range})`;
    case "upper":
      return sql`upper(${range})`;
    case "lowerInclusive":
      return sql`lower_inc(${range})`;
    case "upperInclusive":
      return sql`upper_inc(${range})`;
    case "isEmpty":
      return sql`isempty(${range})`;
  }
}
