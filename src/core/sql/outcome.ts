/**
 * A function's outcome as JSON, in either form of FraiseQL: the older JSON, whose `status` is `success`, `noop:…`,
 * `conflict:…`, and the composite type with `succeeded`, `state_changed` and `error_class`. What cannot be read as a success
 * is an error, and an error changes nothing: the second value of the statement says so.
 */
import type { OutcomePart } from "../graphql/meaning.ts";
import type { Limits } from "../limits.ts";
import type { OutcomeNode, OutcomeOutput } from "../plan/mutation.ts";
import type { Output } from "../plan/plan.ts";
import { ERROR_CLASSES, SHORT_NAME } from "../schema/error-classes.ts";
import type { ObjectType } from "../schema/model.ts";
import { callArguments } from "./call.ts";
import { type Fragment, integer, join, literal, renderText, sql } from "./fragment.ts";
import { computed, constant, type JsonText, objectText, textOf } from "./json-text.ts";
import { renderWith } from "./output.ts";
import type { Render } from "./render.ts";
import { createRendering, type Row, rowOf } from "./scope.ts";
import { type CompiledStatement, toBeFilled } from "./statement.ts";
import { relationName } from "./value.ts";

const SUCCESSES = ["success", "ok", "new", "created", "updated", "deleted", "completed"];
/** Nothing went wrong, and nothing had to be done. */
const NO_OPS = ["noop", "blocked", "skipped"];

/** The call of a function that writes, and the JSON text of its outcome. */
export function compileOutcome(node: OutcomeNode, limits: Limits): CompiledStatement {
  return toBeFilled(renderText(outcomeSql(node, limits)));
}

/** `t1` is the outcome as jsonb, `t2` that with the class of its error, `t3` its entity as a row of the relation. */
function outcomeSql(node: OutcomeNode, limits: Limits): Fragment {
  const render = renderWith(createRendering({ limits }));
  const [called, judged, entity] = [render.alias(), render.alias(), render.alias()];
  const from = node.entity ? sql` left join lateral ${entityRow(node.entity, judged)} as ${entity} on true` : sql``;
  const scope: Scope = {
    judged,
    render,
    row: node.entity ? { ...rowOf(node.entity, entity), unproven: true } : undefined,
  };
  return sql`with ${called} as materialized (select to_jsonb(${relationName(node.function)}(${callArguments(node.arguments)})) as o), ${judged} as materialized (select ${called}.o, ${classOf(sql`${called}.o`)} as class from ${called}) select ${resultText(node, scope)}, ${judged}.class is null from ${judged}${from}`;
}

type Scope = { readonly judged: Fragment; readonly render: Render; readonly row: Row | undefined };

/** The entity's keys are columns; of a view with documents it is the document, and its keys may be columns too. */
function entityRow({ source }: ObjectType, judged: Fragment): Fragment {
  if (source.kind === "value") throw new TypeError("an entity is a row of a relation");
  const found = sql`(${judged}.o->'entity')`;
  const given = sql`case when jsonb_typeof(${found}) = 'object' then ${found} end`;
  const whole =
    source.kind === "document" ? sql`jsonb_build_object(${literal(source.column)}, ${given}) || ${given}` : given;
  return sql`jsonb_populate_record(null::${relationName(source.relation)}, ${whole})`;
}

const texts = (names: readonly string[]): Fragment => join(names.map(literal), ", ");

/** @param word - never null */
const inFull = (word: Fragment): Fragment =>
  sql`coalesce(nullif(${word}, ${literal(SHORT_NAME.short)}), ${literal(SHORT_NAME.name)})`;

function classOf(o: Fragment): Fragment {
  const status = sql`lower(coalesce(${o}->>'status', ''))`;
  const [head, rest] = [inFull(sql`split_part(${status}, ':', 1)`), inFull(sql`split_part(${status}, ':', 2)`)];
  const known = texts(ERROR_CLASSES.map(({ name }) => name));
  const given = inFull(sql`lower(coalesce(${o}->>'error_class', ''))`);
  return sql`case when ${o} ? 'succeeded' then case when ${o}->>'succeeded' = 'true' then null when ${given} in (${known}) then ${given} else 'internal' end when ${head} in (${texts([...SUCCESSES, ...NO_OPS])}) then null when ${head} in (${known}) then ${head} when ${rest} in (${known}) then ${rest} else 'internal' end`;
}

function resultText(node: OutcomeNode, scope: Scope): Fragment {
  const { result } = node;
  if (result.kind === "payload") return textOf(outcomeText(result.output, scope));
  const error = textOf(outcomeText(result.error, scope));
  return sql`case when ${scope.judged}.class is not null then ${error} else ${entityText(result.entity, scope)} end`;
}

function entityText(output: Output, { judged, render, row }: Scope): Fragment {
  if (!row) throw new TypeError("the outcome has no entity");
  const text = textOf(render.output(output, row, []));
  return sql`case when jsonb_typeof(${judged}.o->'entity') = 'object' then ${text} else 'null' end`;
}

function outcomeText(output: OutcomeOutput, scope: Scope): JsonText {
  return objectText(output.map(({ key, node }) => ({ key, text: nodeText(node, scope) })));
}

function nodeText(node: OutcomeOutput[number]["node"], scope: Scope): JsonText {
  switch (node.kind) {
    case "constant":
      return constant(node.json);
    case "part":
      return computed(partText(node.part, scope.judged));
    case "entity":
      return computed(entityText(node.output, scope));
    case "error": {
      const error = textOf(outcomeText(node.output, scope));
      return computed(sql`case when ${scope.judged}.class is not null then ${error} else 'null' end`);
    }
  }
}

function partText(part: OutcomePart, judged: Fragment): Fragment {
  const o = sql`${judged}.o`;
  const json = (name: string): Fragment => sql`coalesce((${o}->${literal(name)})::text, 'null')`;
  const text = (value: Fragment): Fragment => sql`coalesce(to_json(${value})::text, 'null')`;
  switch (part) {
    case "succeeded":
      return sql`(${judged}.class is null)::text`;
    case "stateChanged": {
      const isNoOp = sql`split_part(lower(coalesce(${o}->>'status', '')), ':', 1) in (${texts(NO_OPS)})`;
      return sql`(${judged}.class is null and case when ${o} ? 'succeeded' then coalesce(${o}->>'state_changed' = 'true', false) else not ${isNoOp} end)::text`;
    }
    case "message":
      return text(sql`${o}->>'message'`);
    case "entityId":
      return text(sql`${o}->>'entity_id'`);
    case "entityJson":
      return json("entity");
    case "updatedFields":
      return sql`case when jsonb_typeof(${o}->'updated_fields') = 'array' and ${judged}.class is null then (select '[' || coalesce(string_agg(to_json(f)::text, ','), '') || ']' from jsonb_array_elements_text(${o}->'updated_fields') as e(f) where f is not null) else '[]' end`;
    case "cascade":
      return json("cascade");
    case "metadata":
      return json("metadata");
    case "class":
      return sql`'"' || upper(${judged}.class) || '"'`;
    case "code":
      return sql`to_json(coalesce(${o}->>'status_detail', ${o}->>'status', ${judged}.class))::text`;
    case "httpStatus": {
      const cases = ERROR_CLASSES.map(({ name, status }) => sql`when ${literal(name)} then ${integer(status)}`);
      return sql`coalesce(substring(${o}->>'http_status' from '^[1-5][0-9]{2}$')::int4, case ${judged}.class ${join(cases, " ")} end)::text`;
    }
    case "detail":
      return sql`coalesce(nullif((${o}->'error_detail'), 'null'), ${o}->'metadata', 'null')::text`;
  }
}
