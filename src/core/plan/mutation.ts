/** The plan of a mutation, as data: its root fields one after the other, each a statement and a transaction of its own. */
import type { GraphQLInputType } from "graphql";
import type { Bind } from "../graphql/input.ts";
import type { OutcomePart } from "../graphql/meaning.ts";
import type { PgType, QualifiedName } from "../schema/catalog.ts";
import type { ObjectType } from "../schema/model.ts";
import type { Argument, Condition, Output } from "./plan.ts";

export type WrittenColumn = {
  readonly column: string;
  readonly type: PgType;
  /** Of a composite or a range: the type of its input, which goes to PostgreSQL as JSON. */
  readonly json?: GraphQLInputType;
};

/** A column with where a request carries its value. */
export type WrittenValue = WrittenColumn & { readonly bind: Bind };

export type NewRows =
  /** Row by row; a column that a row leaves out takes its default. */
  | {
      readonly kind: "rows";
      readonly columns: readonly WrittenColumn[];
      readonly rows: readonly (readonly (Bind | undefined)[])[];
    }
  /** All rows give the same columns: one parameter for each column, however many rows there are. */
  | {
      readonly kind: "columns";
      readonly columns: readonly (WrittenColumn & { readonly field: string })[];
      readonly list: Bind;
    };

/** What to do where a new row meets one with the same key. */
export type Conflict = { readonly key: readonly string[]; readonly set: readonly string[] };

export type Change =
  | { readonly kind: "insert"; readonly rows: NewRows; readonly conflict?: Conflict }
  | { readonly kind: "update"; readonly set: readonly WrittenValue[]; readonly where?: Condition }
  | { readonly kind: "delete"; readonly where?: Condition };

export type WriteNode = {
  readonly kind: "write";
  readonly object: ObjectType;
  readonly relation: QualifiedName;
  readonly change: Change;
  /** A list of rows is answered; otherwise one row, or null. */
  readonly many: boolean;
  readonly output: Output;
  readonly coordinate: string;
};

/** The selection of an outcome: what it says, its entity, its error. */
export type OutcomeOutput = readonly {
  readonly key: string;
  readonly node:
    | { readonly kind: "constant"; readonly json: string }
    | { readonly kind: "part"; readonly part: OutcomePart }
    | { readonly kind: "entity"; readonly output: Output }
    | { readonly kind: "error"; readonly output: OutcomeOutput };
}[];

/** A function that answers with an outcome; the transaction ends as that says. */
export type OutcomeNode = {
  readonly kind: "outcome";
  readonly function: QualifiedName;
  readonly arguments: readonly Argument[];
  readonly entity?: ObjectType;
  readonly result:
    | { readonly kind: "union"; readonly entity: Output; readonly error: OutcomeOutput }
    | { readonly kind: "payload"; readonly output: OutcomeOutput };
  readonly coordinate: string;
};

export type MutationNode = WriteNode | OutcomeNode | { readonly kind: "constant"; readonly json: string };

export type MutationRoot = { readonly key: string; readonly node: MutationNode };

export type MutationPlan = { readonly roots: readonly MutationRoot[] };

declare const authorized: unique symbol;
/** A plan the access rules have seen. Only such a plan can be rendered. */
export type AuthorizedMutation = MutationPlan & { readonly [authorized]: true };
