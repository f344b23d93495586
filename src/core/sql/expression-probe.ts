/** Statements that make PostgreSQL read the expressions of a schema's author, and no row. */
import type { Model, ObjectType, ValueSource } from "../schema/model.ts";
import { type Fragment, identifier, join, renderText, sql } from "./fragment.ts";
import { rowOf } from "./scope.ts";
import type { Statement } from "./statement.ts";
import { relationName, valueSql } from "./value.ts";

export type ObjectProbe = {
  /** Reads all expressions of one object. */
  readonly statement: Statement;
  /** Each of them on its own, to find out which one PostgreSQL refuses. */
  readonly fields: readonly { readonly name: string; readonly statement: Statement }[];
};

/** One probe for every object with expressions. */
export function expressionProbes(model: Model): readonly ObjectProbe[] {
  return model.objects.flatMap((object) => {
    const fields = object.fields.flatMap((field) => {
      const value = field.kind === "relation" ? undefined : field.value;
      return value?.from === "expression" ? [{ name: `${object.name}.${field.name}`, value }] : [];
    });
    if (fields.length === 0 || object.source.kind === "value") return [];
    const probe = (values: readonly ValueSource[]) => reading(object, object.source, values);
    return [
      {
        statement: probe(fields.map(({ value }) => value)),
        fields: fields.map(({ name, value }) => ({ name, statement: probe([value]) })),
      },
    ];
  });
}

function reading(object: ObjectType, source: ObjectType["source"], values: readonly ValueSource[]): Statement {
  if (source.kind === "value") throw new TypeError("a value has no relation to read from");
  const alias = identifier("t");
  const row = rowOf(object, alias);
  const list: Fragment = join(
    values.map((value) => valueSql(value, row)),
    ", ",
  );
  return {
    text: renderText(sql`select ${list} from ${relationName(source.relation)} as ${alias} limit 0`).text,
    values: [],
  };
}
