/** Names of row variables inside one statement. They are counted, never taken from a schema or a document. */
import type { Limits } from "../limits.ts";
import type { ObjectType } from "../schema/model.ts";
import { columnOf, type Fragment, identifier } from "./fragment.ts";
import type { JsonText } from "./json-text.ts";
import { failWith } from "./marker.ts";

/** What the renderers share while one statement is made. */
export type Rendering = {
  /** A new row variable. */
  readonly alias: () => Fragment;
  readonly limits: Limits;
  /** Text that stands for a null in the non-null field `Type.field`. */
  readonly missing: (coordinate: string) => Fragment;
  /** The text of a value that is read as a whole; SQL null only where `text` may be. */
  readonly leaf: (text: JsonText) => JsonText;
  /** The text of a row in a list of several types, which is of the type with this index. */
  readonly member: (index: number, text: Fragment) => Fragment;
};

export function createRendering(limits: Limits): Rendering {
  let count = 0;
  return {
    alias: () => {
      count += 1;
      return identifier(`t${count}`);
    },
    limits,
    missing: (coordinate) => failWith("NOT_NULL_VIOLATED", coordinate),
    leaf: (text) => text,
    member: (_, text) => text,
  };
}

/** One row a fragment can read from: a row variable, and how the object's values lie in it. */
export type Row = {
  readonly alias: Fragment;
  /** `columns`: the row has columns. `document`: the object is JSON, `document` reads it. `value`: the row variable is itself a range or composite value. */
  readonly document?: Fragment;
  readonly value?: Fragment;
  /** The row as a value of its relation's type, where the row variable is not of that type. */
  readonly whole?: Fragment;
  /** The row comes from a function, whose rows no constraint of a table holds for: a column declared not null may be null. */
  readonly unproven?: true;
};

export function rowOf(object: ObjectType, alias: Fragment): Row {
  return object.source.kind === "document" ? { alias, document: columnOf(alias, object.source.column) } : { alias };
}
