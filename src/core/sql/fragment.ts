/**
 * The only way to make SQL text.
 *
 * A fragment is constant text written in this repository, quoted identifiers and parameters; a string that comes from a
 * schema, a document or a variable can become an identifier, a literal or a parameter, but never text. The idea is
 * pg-sql2's: make injection impossible by construction instead of by review.
 */

declare const brand: unique symbol;

/** A value the statement needs at run time; rendered as `$n`. Equal `key`s share one number. */
export type Parameter = {
  readonly key: string;
  /** Takes the coerced variables of a request and gives PostgreSQL's text form. Throws a `FraiseqlError` on a bad value. */
  readonly read: (variables: Readonly<Record<string, unknown>>) => string | null;
  /** The type it is cast to wherever it stands; text when left out. */
  readonly type?: Fragment;
};

/** A column of a row variable; kept apart from text so that a select can name just what is read from it. */
type ColumnReference = { readonly row: string; readonly column: string };

type Part = string | Parameter | ColumnReference;

export type Fragment = { readonly [brand]: true; readonly parts: readonly Part[] };

const fragment = (parts: readonly Part[]): Fragment => ({ parts }) as unknown as Fragment;

/** Constant SQL around fragments: `` sql`select ${column} from ${table}` ``. Interpolated strings do not compile. */
export function sql(texts: TemplateStringsArray, ...values: readonly Fragment[]): Fragment {
  const parts: Part[] = [texts[0] as string];
  values.forEach((value, index) => {
    parts.push(...value.parts, texts[index + 1] as string);
  });
  return fragment(parts);
}

/** A possibly qualified identifier, each part always quoted. PostgreSQL has no NUL in names, so one is refused. */
export function identifier(...names: readonly string[]): Fragment {
  return fragment([names.map(quoted).join(".")]);
}

function quoted(name: string): string {
  if (name.includes("\0")) throw new TypeError("an SQL identifier cannot hold a NUL character");
  return `"${name.replaceAll('"', '""')}"`;
}

/** A column of a row variable. */
export function columnOf(row: Fragment, name: string): Fragment {
  return fragment([{ row: row.parts.join(""), column: name }]);
}

/** Whether a fragment is a column and nothing else. */
export function isColumn({ parts }: Fragment): boolean {
  const [only] = parts;
  return parts.length === 1 && typeof only === "object" && "column" in only;
}

/** The columns a fragment reads from a row variable, in order of appearance. */
export function columnsRead(from: Fragment, row: Fragment): readonly Fragment[] {
  const name = row.parts.join("");
  const names = new Set<string>();
  for (const part of from.parts)
    if (typeof part === "object" && "column" in part && part.row === name) names.add(part.column);
  return [...names].map((column) => columnOf(row, column));
}

/** A string literal. Only for constants of the schema and for response keys, which the GraphQL grammar limits to names. */
export function literal(text: string): Fragment {
  if (text.includes("\0")) throw new TypeError("an SQL literal cannot hold a NUL character");
  const escaped = text.replaceAll("'", "''");
  // With E'' the meaning of a backslash does not depend on standard_conforming_strings.
  return fragment([escaped.includes("\\") ? `E'${escaped.replaceAll("\\", "\\\\")}'` : `'${escaped}'`]);
}

/** A whole number written into the text: limits of the configuration and positions, never a user's value. */
export function integer(value: number): Fragment {
  if (!Number.isSafeInteger(value)) throw new TypeError("expected a whole number");
  return fragment([String(value)]);
}

/** A place in the text for a value; its number is given when the text is rendered. */
export function parameter(value: Parameter): Fragment {
  return fragment([value]);
}

/** SQL text of the schema's author, from the compiled artifact (computed fields). It is trusted as the schema is. */
export function authoredSql(texts: readonly string[], holes: readonly Fragment[]): Fragment {
  const parts: Part[] = ["(", texts[0] ?? ""];
  holes.forEach((hole, index) => {
    parts.push(...hole.parts, texts[index + 1] ?? "");
  });
  return fragment([...parts, ")"]);
}

/** Fragments one behind the other, with the separator between them. */
export function join(
  fragments: readonly Fragment[],
  separator: ", " | " and " | " or " | " || " | " union all " | " " | "",
): Fragment {
  const parts: Part[] = [];
  fragments.forEach((each, index) => {
    if (index > 0) parts.push(separator);
    parts.push(...each.parts);
  });
  return fragment(parts);
}

/** The finished text and the parameters in the order of their numbers. */
export function renderText(
  statement: Fragment,
  parameterText: (number: number) => string = (number) => `$${number}`,
): { readonly text: string; readonly parameters: readonly Parameter[] } {
  const numbers = new Map<string, number>();
  const parameters: Parameter[] = [];
  // Joined at the end: a text that grows piece by piece keeps every piece in memory.
  const texts: string[] = [];
  for (const part of statement.parts) {
    if (typeof part === "string") {
      texts.push(part);
      continue;
    }
    if ("column" in part) {
      texts.push(`${part.row}.${quoted(part.column)}`);
      continue;
    }
    let number = numbers.get(part.key);
    if (number === undefined) {
      parameters.push(part);
      number = parameters.length;
      numbers.set(part.key, number);
    }
    texts.push(parameterText(number));
  }
  return { text: texts.join(""), parameters };
}
