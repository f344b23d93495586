/** `limit`, `offset`, and the rows of a page. Counts are checked where they are bound, so a wrong one never reaches PostgreSQL. */
import { FraiseqlError } from "../errors.ts";
import { type Bind, bindKey, resolveBind, type Variables } from "../graphql/input.ts";
import { type Fragment, integer, parameter, sql } from "./fragment.ts";

/** At most the given rows; without a bind one row more than a page, so that a list that is too long shows. */
export function limitSql(limit: Bind | undefined, pageRowsMax: number): Fragment {
  return limit ? sql` limit ${count("limit", limit, pageRowsMax)}` : sql` limit ${integer(pageRowsMax + 1)}`;
}

/** Nothing where no row is left out. */
export function offsetSql(offset: Bind | undefined): Fragment {
  return offset ? sql` offset ${count("offset", offset, Number.MAX_SAFE_INTEGER)}` : sql``;
}

/**
 * A number of rows. One that stands in the document is written as the number it is, for PostgreSQL plans a known limit
 * far better than an unknown one and the text stays the same for every request; one from a variable is bound.
 */
export function count(name: string, bind: Bind, max: number): Fragment {
  if (bind.kind === "constant") return integer(checked(name, bind.value, max));
  const read = (variables: Variables): string => String(checked(name, resolveBind(bind, variables), max));
  return sql`${parameter({ key: `${name}:${bindKey(bind)}`, read, type: sql`int8` })}::int8`;
}

function checked(name: string, value: unknown, max: number): number {
  const number = Number(value);
  if (number < 0) throw new FraiseqlError("BAD_USER_INPUT", `${name} is ${number}; expected 0 or more.`);
  if (number > max) {
    throw new FraiseqlError("PAGE_LIMIT", `${name} is ${number}; at most ${max} rows can be asked for at once.`, {
      details: { limit: max },
    });
  }
  return number;
}
