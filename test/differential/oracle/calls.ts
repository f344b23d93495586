/** Functions called once for each field, with their arguments by name. */
import type { RowsCall, ValueCall } from "../../../src/core/graphql/meaning.ts";
import type { ObjectType } from "../../../src/core/schema/model.ts";
import { type Held, quote, type Store, typeSql } from "./store.ts";
import { fieldValue } from "./text-forms.ts";

type Arguments = Readonly<Record<string, unknown>>;

/** The rows in the function's own order. One that is a stored row is that row, so that what is known of it is found. */
export async function calledRows(
  store: Store,
  call: RowsCall,
  object: ObjectType,
  args: Arguments,
): Promise<readonly Held[]> {
  const { from, values } = callOf(call, args);
  const stored = new Map(store.rows(object).map((held) => [JSON.stringify(held.row), held]));
  const rows = await store.rowsFrom(object, from, values);
  return rows.map((held) => stored.get(JSON.stringify(held.row)) ?? held);
}

export async function calledValue(store: Store, call: ValueCall, args: Arguments): Promise<unknown> {
  const { from, values } = callOf(call, args);
  return fieldValue(call.pgType, await store.ask(`select ${from}`, values));
}

/** Arguments that are not given take the function's default. */
function callOf(
  call: RowsCall | ValueCall,
  args: Arguments,
): { readonly from: string; readonly values: readonly (string | null)[] } {
  const given = call.arguments.filter(({ name }) => args[name] !== undefined);
  const list = given.map(({ pgName, pgType }, index) => {
    if (pgName === null) throw new Error(`an argument of ${call.name} has no name`);
    return `${quote(pgName)} => $${index + 1}::${typeSql(pgType)}`;
  });
  const { schema, name } = call.function;
  const values = given.map((argument) => {
    const value = args[argument.name];
    return value === null ? null : String(value);
  });
  return { from: `${quote(schema)}.${quote(name)}(${list.join(", ")})`, values };
}
