/** What a document collects while it is generated: variables, fragments, connections whose cursors can be walked. */
import type { GraphQLSchema } from "graphql";
import type { Store } from "../oracle/store.ts";
import type { Choices } from "./choices.ts";
import { type Given, jsonOf, literalText } from "./input-text.ts";

/** A connection that takes a cursor from an earlier answer of its own. */
export type Walk = { readonly alias: string; readonly variable: string; readonly pick: number };

export type GeneratedOperation = {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  /** The same document with other values. */
  readonly otherVariables: Readonly<Record<string, unknown>>;
  readonly walks: readonly Walk[];
};

export type Draft = {
  readonly choices: Choices;
  readonly schema: GraphQLSchema;
  readonly store: Store;
  readonly definitions: string[];
  readonly fragments: string[];
  readonly variables: Record<string, unknown>;
  readonly otherVariables: Record<string, unknown>;
  readonly walks: Walk[];
  /** Query fields of functions that may be called. */
  readonly calls: ReadonlySet<string>;
  /** Fields that may still be selected, so that no document grows without bound. */
  left: number;
  /** Inside the value of a variable no other variable can stand. */
  inVariable: boolean;
  names: number;
};

/** No field of a generated schema ends in this way: an alias would conflict with it. */
export const newName = (draft: Draft, prefix: string): string => {
  draft.names += 1;
  return `${prefix}${draft.names}_drawn`;
};

/** A value as a literal or as a variable, with or without a default. `make` is called again for the other request. */
export function given(
  draft: Draft,
  type: string,
  make: () => Given,
  options: { readonly defaults?: boolean; readonly literals?: boolean } = {},
): Given {
  const { choices } = draft;
  if (draft.inVariable) return make();
  if (!choices.chance(30) && options.literals !== false) return make();
  draft.inVariable = true;
  const value = make();
  const other = make();
  draft.inVariable = false;
  const name = newName(draft, "v");
  const byDefault = options.defaults !== false && choices.chance(30);
  draft.definitions.push(`$${name}: ${type}${byDefault ? ` = ${literalText(value)}` : ""}`);
  if (!byDefault) draft.variables[name] = jsonOf(value);
  const otherJson = jsonOf(other);
  // A nullable variable can be left out of one request and not of the other, or be null.
  const isNull = !type.endsWith("!") && choices.chance(4);
  if (isNull) draft.otherVariables[name] = null;
  else if (type.endsWith("!") || !choices.chance(20)) draft.otherVariables[name] = otherJson;
  return { variable: name };
}
