/** `bun run docs:operators` writes docs/reference/operators.md from the operator table; a test holds the page to it. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type OperatorFamily, operatorFamilies } from "../src/core/plan/operator-families.ts";
import { OPERATORS, type Operand } from "../src/core/plan/operators.ts";
import { SCALARS } from "../src/core/schema/scalars.ts";

export const OPERATORS_PAGE = join(import.meta.dir, "..", "docs", "reference", "operators.md");

const FAMILIES: Readonly<Record<OperatorFamily, string>> = {
  equality: "Equality",
  order: "Order",
  text: "Text",
  array: "Arrays",
  json: "JSON",
};

const OPERANDS: Readonly<Record<Operand, string>> = {
  self: "a value of the field's type",
  list: "a list of such values",
  text: "`String`",
  texts: "`[String!]`",
  json: "`JSON`",
  jsonpath: "`String`, an SQL/JSON path",
};

export function operatorsPage(): string {
  return `# Operators

<!-- Written by \`bun run docs:operators\` from src/core/plan/operators.ts. -->

A field can be filtered by the operators its column's real type has: \`where: { price: { gt: "9.50" } }\`. Several
operators of one field hold together, as do several fields. How filters are combined, and how they reach related rows,
stands in [queries](queries.md#filters).

Every field has \`isNull: Boolean\`: true finds rows without a value, false rows with one. An operator that is given
null is refused with the code \`NULL_FILTER\`, for SQL would answer nothing; one that is left out does not filter.
Comparisons follow SQL: a row whose value is null matches no operator but \`isNull\`, also not \`neq\` and \`notIn\`.
${Object.entries(FAMILIES)
  .map(([family, title]) => familySection(family as OperatorFamily, title))
  .join("")}
Where a column's collation takes different texts for equal, the operators on text go by the database's collation, since
PostgreSQL knows no patterns under the other; equality and order go by the column's.

An array has \`length\` as well, with the operators of \`Int\`: \`where: { tags: { length: { gte: 2 } } }\`.

Types that are in no list above, such as \`xml\`, \`money\` or \`point\`, are answered as text and have \`isNull\` only;
so has \`json\`, which PostgreSQL cannot compare (\`jsonb\` it can).
`;
}

function familySection(family: OperatorFamily, title: string): string {
  const rows = OPERATORS.filter((operator) => operator.family === family).map(
    ({ name, operand, description }) =>
      `| \`${name}\` | ${OPERANDS[operand]} | ${description.replaceAll("|", "\\|")} |`,
  );
  return `
## ${title}

For ${typesOf(family)}.

| Operator | Takes | Meaning |
| --- | --- | --- |
${rows.join("\n")}
`;
}

function typesOf(family: OperatorFamily): string {
  if (family === "array") return "arrays of every type that has equality";
  const names = SCALARS.flatMap(({ pg }) => pg).filter((name) =>
    operatorFamilies({ kind: "base", name }).includes(family),
  );
  const enums = operatorFamilies({ kind: "enum", schema: "", name: "" }).includes(family) ? ", and enums" : "";
  const order = family === "order" && enums ? " in the order of their labels" : "";
  return `${names.map((name) => `\`${name}\``).join(", ")}${enums}${order}`;
}

if (import.meta.main) writeFileSync(OPERATORS_PAGE, operatorsPage());
