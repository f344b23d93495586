/** Names of row variables inside one statement. They are counted, never taken from a schema or a document. */
import type { Limits } from "../limits.ts";
import type { ObjectType } from "../schema/model.ts";
import { columnOf, type Fragment, identifier, sql } from "./fragment.ts";
import type { JsonText } from "./json-text.ts";
import { failWith } from "./marker.ts";

/** What a statement is made for. */
export type Target = {
  readonly limits: Limits;
  /** `server_version_num` of the PostgreSQL that runs it, where that is known: else it is made of what every version has. */
  readonly serverVersion?: number | undefined;
  /** Rows of a root list without a limit; the page limit if absent. */
  readonly rootRowsMax?: number;
};

/** `json_scalar` is of the SQL standard: https://www.postgresql.org/docs/17/functions-json.html#FUNCTIONS-SQLJSON-CREATION */
const JSON_SCALAR_SINCE = 170_000;

/** What the renderers share while one statement is made. */
export type Rendering = {
  /** A new row variable. */
  readonly alias: () => Fragment;
  readonly limits: Limits;
  readonly rootRowsMax: number;
  /** The value as a JSON scalar, in PostgreSQL's form for its type. */
  readonly scalarJson: (value: Fragment) => Fragment;
  /** Text that stands for a null in the non-null field `Type.field`. */
  readonly missing: (coordinate: string) => Fragment;
  /** The text of a value that is read as a whole; SQL null only where `text` may be. */
  readonly leaf: (text: JsonText) => JsonText;
  /** The text of a row in a list of several types, which is of the type with this index. */
  readonly member: (index: number, text: Fragment) => Fragment;
};

/** What one statement is rendered with; no alias is given out twice. */
export function createRendering({ limits, serverVersion = 0, rootRowsMax = limits.pageRowsMax }: Target): Rendering {
  let count = 0;
  // Both give the same; `to_json` looks its type up for every value.
  const isNew = serverVersion >= JSON_SCALAR_SINCE;
  return {
    alias: () => {
      count += 1;
      return identifier(`t${count}`);
    },
    limits,
    rootRowsMax,
    scalarJson: (value) => (isNew ? sql`json_scalar(${value})` : sql`to_json(${value})`),
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

/** The row behind an alias; for an object that is a document, with the document. */
export function rowOf(object: ObjectType, alias: Fragment): Row {
  return object.source.kind === "document" ? { alias, document: columnOf(alias, object.source.column) } : { alias };
}
