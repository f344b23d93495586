import type { Measure, MeasureOutput } from "../../plan/plan.ts";
import type { PgType } from "../../schema/catalog.ts";
import { type Fragment, sql } from "../fragment.ts";
import { typeName } from "../value.ts";
import { type Cell, constantCell, scalarCell, structCell, type Tables } from "./cell.ts";

/**
 * The cells of an aggregate or of a group.
 *
 * @param keyOf - the SQL of a key, for groups
 */
export function measureCells(
  output: MeasureOutput,
  coordinate: string,
  tables: Tables,
  measureOf: (measure: Measure) => Fragment,
  keyOf?: (index: number) => Fragment,
): readonly Cell[] {
  const cell = ({ key: name, node }: MeasureOutput[number]): Cell => {
    const here = `${coordinate}.${name}`;
    switch (node.kind) {
      case "constant":
        return constantCell(name, node.json, here);
      case "object":
        return structCell(
          name,
          measureCells(node.output, here, tables, measureOf, keyOf),
          false,
          here,
          (record) => record,
        );
      case "groupKey":
        return scalarCell(
          name,
          // Inside of a record a domain would come under a number of its own.
          sql`${(keyOf as (index: number) => Fragment)(node.index)}::${typeName(node.shape.type)}`,
          node.shape.type,
          true,
          here,
          tables,
        );
      case "measure": {
        const { measure } = node;
        const isCount = measure.function === "count" || measure.function === "countDistinct";
        const type: PgType =
          measure.function === "count" ? { kind: "base", name: "int8" } : plainNumeric(measure.shape.type);
        return scalarCell(name, measureOf(measure), type, !isCount, here, tables);
      }
    }
  };
  return output.map(cell);
}

/** An aggregate of a numeric has neither its precision nor its scale. */
function plainNumeric(type: PgType): PgType {
  return type.kind === "base" ? { kind: "base", name: type.name } : type;
}
