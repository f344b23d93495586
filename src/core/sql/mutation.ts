/** The statements of a mutation, one for each root field. */
import type { Variables } from "../graphql/input.ts";
import type { Limits } from "../limits.ts";
import type { AuthorizedMutation, WriteNode } from "../plan/mutation.ts";
import type { ObjectType } from "../schema/model.ts";
import { compileOutcome } from "./outcome.ts";
import type { CompiledStatement, Statement } from "./statement.ts";
import { compileWrite } from "./write.ts";

export type CompiledRoot = { readonly key: string } & (
  | { readonly json: string }
  | ({ readonly statement: CompiledStatement } & Written)
);

type Written = {
  /** Its second value says whether the transaction is to be committed: `t` or `f`. */
  readonly decides: boolean;
  /** More than one row may be written. */
  readonly many: boolean;
  /** What its columns are fields of. */
  readonly object: ObjectType | undefined;
};

/** One root field, ready to be run. */
export type PreparedWrite = { readonly key: string } & (
  | { readonly kind: "constant"; readonly json: string }
  | ({
      readonly kind: "write";
      /** Its first value is the JSON of the field; there is none where no row was found. */
      readonly statement: Statement;
    } & Written)
);

/** The statement of each root field, and the one that is shown for all of them. */
export function compileMutation(
  { roots }: AuthorizedMutation,
  limits: Limits,
): { readonly writes: readonly CompiledRoot[]; readonly statement: CompiledStatement } {
  const writes = roots.map(
    ({ key, node }): CompiledRoot =>
      node.kind === "constant"
        ? { key, json: node.json }
        : node.kind === "outcome"
          ? { key, statement: compileOutcome(node, limits), object: node.entity, decides: true, many: true }
          : { key, statement: compileWrite(node, limits), object: node.object, decides: false, many: mayBeMany(node) },
  );
  const statements = writes.flatMap((root) => ("statement" in root ? [root.statement] : []));
  return { writes, statement: together(statements) };
}

/** What is deleted may take along what refers to it. */
const mayBeMany = ({ many, change }: WriteNode): boolean => many || change.kind === "delete";

/** @throws FraiseqlError for a value that cannot be used, before anything is written */
export function fillWrites(writes: readonly CompiledRoot[], variables: Variables): readonly PreparedWrite[] {
  return writes.map((root) => {
    const { key } = root;
    if ("json" in root) return { key, kind: "constant", json: root.json };
    const { object, decides, many } = root;
    return { key, kind: "write", statement: root.statement.fill(variables), object, decides, many };
  });
}

/** For people: the texts one after the other, each with its own numbers. */
function together(statements: readonly CompiledStatement[]): CompiledStatement {
  const text = statements.map((each) => each.text).join(";\n");
  return {
    text,
    parameterNames: statements.flatMap(({ parameterNames }) => parameterNames),
    fill: (variables) => ({ text, values: statements.flatMap((each) => each.fill(variables).values) }),
  };
}
