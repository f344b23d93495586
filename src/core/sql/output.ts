/** Plan nodes as JSON text. One function for each kind of node; the joins a row needs are collected beside its text. */
import type { EmbeddedNode, Output, ScalarNode, ValueNode } from "../plan/plan.ts";
import { hasNullForm } from "../plan/shape.ts";
import { aggregateText } from "./aggregate.ts";
import { callArguments } from "./call.ts";
import { encodeScalar } from "./codec.ts";
import { connectionText } from "./connection.ts";
import { type Fragment, parameter, sql } from "./fragment.ts";
import { groupsText } from "./groups.ts";
import { computed, constant, type JsonText, objectText, textOf } from "./json-text.ts";
import { listText, oneText } from "./lists.ts";
import { nodeIdSql } from "./node-id.ts";
import { polymorphicText } from "./polymorphic.ts";
import type { Render } from "./render.ts";
import type { Rendering, Row } from "./scope.ts";
import { documentPart, relationName, valueSql } from "./value.ts";

/** The JSON object of a selection over one row; grouped lists add their joins to `joins`. */
export function renderOutput(output: Output, row: Row, joins: Fragment[], rendering: Rendering): JsonText {
  const render = renderWith(rendering);
  return objectText(output.map(({ key, node }) => ({ key, text: nodeText(node, row, joins, render) })));
}

/** A rendering that renders selections within selections, too. */
export function renderWith(rendering: Rendering): Render {
  return { ...rendering, output: (output, row, joins) => renderOutput(output, row, joins, rendering) };
}

/** The JSON text of one selected value. */
export function nodeText(node: ValueNode, row: Row, joins: Fragment[], render: Render): JsonText {
  switch (node.kind) {
    case "constant":
      return constant(node.json);
    case "given":
      return render.leaf(computed(sql`${parameter({ key: `given:${node.key}`, read: node.read })}::text`));
    case "scalar":
      return scalarText(node, row, render);
    case "nodeId":
      return render.leaf(['"', nodeIdSql(node.object, row), '"']);
    case "embedded":
      return embeddedText(node, row, joins, render);
    case "one":
      return computed(oneText(node, row, joins, render));
    case "list":
      return listText(node, row, joins, render);
    case "connection":
      return computed(connectionText(node, row, render));
    case "aggregate":
      return render.leaf(computed(aggregateText(node, row, render)));
    case "groups":
      return render.leaf(computed(groupsText(node, row, render)));
    case "polymorphic":
      return computed(polymorphicText(node, row, render));
    case "call": {
      const value = sql`${relationName(node.function)}(${callArguments(node.arguments)})`;
      return present(encodeScalar(value, node.shape, render), node.nullable, node.coordinate, render);
    }
  }
}

function scalarText(node: ScalarNode, row: Row, render: Render): JsonText {
  const text = encodeScalar(valueSql(node.value, row), node.shape, render);
  const proven =
    node.value.from === "column" &&
    node.value.notNull &&
    !row.value &&
    !row.unproven &&
    !hasNullForm(node.shape) &&
    !node.shape.enum;
  if (proven) return render.leaf(text);
  return present(text, node.nullable || hasNullForm(node.shape), node.coordinate, render);
}

/** Text that may be SQL null, as JSON: null where that is allowed, and an error where the schema promised a value. */
function present(text: JsonText, nullable: boolean, coordinate: string, render: Render): JsonText {
  const missing = nullable ? sql`'null'` : render.missing(coordinate);
  return computed(sql`coalesce(${textOf(render.leaf(text))}, ${missing})`);
}

function embeddedText(node: EmbeddedNode, row: Row, joins: Fragment[], render: Render): JsonText {
  const missing = node.nullable ? sql`'null'` : render.missing(node.coordinate);
  return computed(embeddedTextOr(missing, node, row, joins, render));
}

/** The text of the object or list, or `missing` where there is none. */
export function embeddedTextOr(
  missing: Fragment,
  { value, list, output }: EmbeddedNode,
  row: Row,
  joins: Fragment[],
  render: Render,
): Fragment {
  if (value.from === "document") {
    const json = documentPart(row, value.key);
    if (!list) {
      const text = textOf(render.output(output, { alias: row.alias, document: json }, joins));
      return sql`case when jsonb_typeof(${json}) = 'object' then ${text} else ${missing} end`;
    }
    const item = render.alias();
    const text = textOf(render.output(output, { alias: item, document: sql`${item}.v` }, joins));
    const items = sql`(select '[' || coalesce(string_agg(case when jsonb_typeof(${item}.v) = 'object' then ${text} else 'null' end, ',' order by ${item}.n), '') || ']' from jsonb_array_elements(${json}) with ordinality as ${item}(v, n))`;
    return sql`case when jsonb_typeof(${json}) = 'array' then ${items} else ${missing} end`;
  }
  const composite = valueSql(value, row);
  if (!list) {
    const text = textOf(render.output(output, { alias: row.alias, value: composite }, joins));
    return sql`case when ${composite} is distinct from null then ${text} else ${missing} end`;
  }
  // In FROM, unnest would spread a composite over columns; in the select list it gives values, of every dimension.
  const at = render.alias();
  const element = sql`${at}.v`;
  const text = textOf(render.output(output, { alias: at, value: element }, joins));
  const items = sql`(select '[' || coalesce(string_agg(case when ${element} is distinct from null then ${text} else 'null' end, ',' order by ${at}.n), '') || ']' from (select unnest(${composite}) as v, generate_series(1, cardinality(${composite})) as n) as ${at})`;
  return sql`case when ${composite} is not null then ${items} else ${missing} end`;
}
