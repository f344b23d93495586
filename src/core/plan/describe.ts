/** What is fetched, from where, and why in this way, as indented lines a person can read. */
import { bindKey } from "../graphql/input.ts";
import type { ValueSource } from "../schema/model.ts";
import type { Condition, Having, Measure, Output, Rows, ValueNode } from "./plan.ts";

const indent = (depth: number, text: string): string => `${"  ".repeat(depth)}${text}`;

/** A selection as lines of text, as deep as `depth` says and below. */
export function outputLines(output: Output, depth: number): readonly string[] {
  return output.flatMap(({ key, node }) => nodeLines(key, node, depth));
}

function nodeLines(key: string, node: ValueNode, depth: number): readonly string[] {
  const line = (text: string): string => indent(depth, `${key}: ${text}`);
  switch (node.kind) {
    case "constant":
      return [line(node.json)];
    case "given":
      return [line("introspection, answered without the database")];
    case "scalar":
      return [line(`${sourceText(node.value)}${node.nullable ? "" : " not null"}`)];
    case "nodeId":
      return [line(`node id of ${node.object.name}`)];
    case "embedded":
      return [
        line(`${sourceText(node.value)}${node.list ? " as a list" : ""}`),
        ...outputLines(node.output, depth + 1),
      ];
    case "one":
      return [
        line(`one ${rowsText(node.rows)}`),
        ...rowsLines(node.rows, depth + 1),
        ...outputLines(node.output, depth + 1),
      ];
    case "list":
      return [
        line(`list of ${rowsText(node.rows)}`),
        ...rowsLines(node.rows, depth + 1),
        ...outputLines(node.output, depth + 1),
      ];
    case "connection": {
      const marks = [node.after && ` after ${bindKey(node.after)}`, node.before && ` before ${bindKey(node.before)}`];
      const size = `${node.size ? `${node.backward ? "last" : "first"} ${bindKey(node.size)}` : "all rows"}${marks.join("")}`;
      const inner = node.output.flatMap(({ key: name, part }) => {
        if (part.kind === "nodes") return [indent(depth + 1, `${name}:`), ...outputLines(part.output, depth + 2)];
        if (part.kind !== "edges") return [indent(depth + 1, `${name}: ${part.kind}`)];
        return part.output.flatMap(({ key: inside, part: edge }) =>
          edge.kind === "node"
            ? [indent(depth + 1, `${name}.${inside}:`), ...outputLines(edge.output, depth + 2)]
            : [indent(depth + 1, `${name}.${inside}: ${edge.kind}`)],
        );
      });
      return [line(`page of ${rowsText(node.rows)}, ${size}`), ...rowsLines(node.rows, depth + 1), ...inner];
    }
    case "aggregate":
      return [line(`measures over ${rowsText(node.rows)}`), ...rowsLines(node.rows, depth + 1)];
    case "groups": {
      const keys = node.keys.map(
        ({ path, value, bucket }) =>
          `${path.map(({ object }) => `${object.name}.`).join("")}${sourceText(value)}${bucket ? ` by ${bucket}` : ""}`,
      );
      const having = node.having ? [indent(depth + 1, `having ${havingText(node.having)}`)] : [];
      return [
        line(`groups of ${rowsText(node.rows)} by ${keys.join(", ")}`),
        ...rowsLines(node.rows, depth + 1),
        ...having,
      ];
    }
    case "polymorphic":
      return [
        line("rows of several sources, one after the other"),
        ...node.members.flatMap(({ rows, output }) => [
          indent(depth + 1, rowsText(rows)),
          ...outputLines(output, depth + 2),
        ]),
      ];
    case "call":
      return [
        line(
          `${node.function.schema}.${node.function.name}(${node.arguments.map(({ bind }) => bindKey(bind)).join(", ")})`,
        ),
      ];
  }
}

function rowsText({ object, source, link }: Rows): string {
  const { schema, name } = source.kind === "relation" ? source.relation : source.function;
  const through = link?.through ? ` through ${link.through.relation.name}` : "";
  const on = link ? ` where ${link.foreign.join(", ")} = parent ${link.local.join(", ")}${through}` : "";
  return `${object.name} from ${schema}.${name}${on}`;
}

function rowsLines({ where, order, limit, offset, strategy }: Rows, depth: number): readonly string[] {
  const lines = [indent(depth, `(${strategy.kind}: ${strategy.reason})`)];
  if (where) lines.push(indent(depth, `where ${conditionText(where)}`));
  if (order.length > 0) {
    const terms = order.map(({ value, direction, nulls }) => {
      const path = value.path.map(({ object }) => `${object.name}.`).join("");
      return `${path}${value.kind === "value" ? sourceText(value.value) : measureText(value.measure)} ${direction} nulls ${nulls}`;
    });
    lines.push(indent(depth, `order by ${terms.join(", ")}`));
  }
  if (limit) lines.push(indent(depth, `limit ${bindKey(limit)}`));
  if (offset) lines.push(indent(depth, `offset ${bindKey(offset)}`));
  return lines;
}

/** A condition in words close to SQL; for people, not for a database. */
export function conditionText(condition: Condition): string {
  switch (condition.kind) {
    case "and":
    case "or":
      return `(${condition.terms.map(conditionText).join(` ${condition.kind} `) || (condition.kind === "and" ? "true" : "false")})`;
    case "not":
      return `not ${conditionText(condition.term)}`;
    case "isNull":
      return `${sourceText(condition.value)} is ${condition.negated ? "not " : ""}null`;
    case "compare":
      return `${condition.length ? "length of " : ""}${sourceText(condition.value)} ${condition.operator.name} ${bindKey(condition.operand)}`;
    case "related":
      return `${condition.quantifier} ${condition.hop.object.name} ${condition.where ? conditionText(condition.where) : "exists"}`;
  }
}

function havingText(having: Having): string {
  switch (having.kind) {
    case "and":
    case "or":
      return `(${having.terms.map(havingText).join(` ${having.kind} `)})`;
    case "not":
      return `not ${havingText(having.term)}`;
    case "isNull":
      return `${measureText(having.measure)} is ${having.negated ? "not " : ""}null`;
    case "compare":
      return `${measureText(having.measure)} ${having.operator.name} ${bindKey(having.operand)}`;
  }
}

const measureText = (measure: Measure): string =>
  measure.function === "count" ? "count" : `${measure.function} of ${sourceText(measure.value)}`;

function sourceText(value: ValueSource): string {
  switch (value.from) {
    case "column":
      return value.column;
    case "document":
      return `document key ${value.key}`;
    case "expression":
      return "an authored expression";
    case "function":
      return `${value.function.schema}.${value.function.name}(row)`;
    case "range":
      return `${value.part} of a range`;
  }
}
