/** Arguments of a function call, named where PostgreSQL knows a name. */
import type { Argument } from "../plan/plan.ts";
import { type Fragment, identifier, join, sql } from "./fragment.ts";
import { typedOperand } from "./operand.ts";

/** Arguments by name where the function names them, each with its type. */
export function callArguments(list: readonly Argument[]): Fragment {
  return join(
    list.map(({ name, bind, type, variadic }) => {
      const value = typedOperand(bind, type);
      const given = name === null ? value : sql`${identifier(name)} => ${value}`;
      return variadic ? sql`variadic ${given}` : given;
    }),
    ", ",
  );
}
