/**
 * The flat layout of a table: an object that is no list has no column of its own, its fields have, under a name made of
 * both: `country { name }` is `country_name`. Connections and lists stay one column each.
 */
import type { Column } from "../../columnar/column.ts";
import type { MeasureOutput, Output, ValueNode } from "../../plan/plan.ts";
import { notATable } from "../root.ts";

/** `nested`: an object is one column. `flat`: its fields are columns. */
export type Layout = "nested" | "flat";

/** The name of a column over a value inside an object. */
export const flatName = (parent: string, key: string): string => `${parent}_${key}`;

type ObjectNode = Extract<ValueNode, { kind: "one" | "embedded" }>;

/** What an object that is spread over columns holds; undefined for everything that is one column. */
export function isSpread(node: ValueNode): node is ObjectNode {
  return node.kind === "one" || (node.kind === "embedded" && !node.list);
}

/** Names of the columns of a selection, in order. */
export function flatNames(output: Output, nameOf = (key: string): string => key): readonly string[] {
  return output.flatMap(({ key, node }) => {
    const inner = (each: string): string => flatName(nameOf(key), each);
    if (isSpread(node)) return flatNames(node.output, inner);
    return node.kind === "aggregate" ? flatMeasures(node.output).map((each) => inner(each.key)) : [nameOf(key)];
  });
}

/** Measures and keys of groups without the objects around them. */
export function flatMeasures(output: MeasureOutput): MeasureOutput {
  return output.flatMap((each) => {
    const { key, node } = each;
    if (node.kind !== "object") return [each];
    return flatMeasures(node.output).map((inner) => ({ ...inner, key: flatName(key, inner.key) }));
  });
}

/** @throws FraiseqlError BAD_USER_INPUT where two columns would have one name */
export function refuseSameNames(names: readonly string[]): void {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return;
  throw notATable(
    `Two columns would be named ${twice} without their objects; give one of them an alias, or leave columns=flat out.`,
  );
}

/** The columns of a selection with its objects spread. */
export function flatColumns(columns: readonly Column[], output: Output): readonly Column[] {
  return columns.map((column, index) => {
    const node = output[index]?.node;
    if (node && isSpread(node)) return spread(column, (fields) => flatColumns(fields, node.output));
    if (node?.kind === "aggregate") return spread(column, (fields) => flatMeasureColumns(fields, node.output));
    return column;
  });
}

export function flatMeasureColumns(columns: readonly Column[], output: MeasureOutput): readonly Column[] {
  return columns.map((column, index) => {
    const node = output[index]?.node;
    if (node?.kind !== "object") return column;
    return spread(column, (fields) => flatMeasureColumns(fields, node.output));
  });
}

/** Where there is no object there is none of its fields. */
function spread(column: Column, flat: (fields: readonly Column[]) => readonly Column[]): Column {
  const { type, nullable } = column;
  if (type.kind !== "struct") return column;
  const fields = flat(
    type.fields.map((field) => ({
      ...field,
      name: flatName(column.name, field.name),
      nullable: nullable || field.nullable,
    })),
  );
  return { ...column, type: { kind: "struct", fields, spread: true } };
}
