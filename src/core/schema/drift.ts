/** How a live database differs from the catalog a model was made for. */
import type { Catalog, CatalogColumn, CatalogFunction, CatalogRelation, PgType, QualifiedName } from "./catalog.ts";
import { scalarOf, withoutDomains } from "./pg-types.ts";
import { isDeferrable, requiredColumns } from "./writable.ts";

export type Difference = {
  /** What is different, with the full name of the thing. */
  readonly what: string;
  /** What to do about it. */
  readonly mend: string;
  /** Whether operations would fail or answer wrongly; otherwise the artifact still fits. */
  readonly wrong: boolean;
};

const COMPILE = "compile the schema again";

const title = ({ schema, name }: QualifiedName): string => `${schema}.${name}`;
const same = (a: readonly string[], b: readonly string[]): boolean => JSON.stringify(a) === JSON.stringify(b);
const find = <Item extends QualifiedName>(items: readonly Item[], name: QualifiedName): Item | undefined =>
  items.find((item) => item.schema === name.schema && item.name === name.name);

/**
 * Every difference in what the model rests on. What the live database has besides is no difference.
 *
 * @param expected the catalog in the artifact, see `catalogUsedBy`.
 */
export function compareCatalogs(expected: Catalog, live: Catalog): readonly Difference[] {
  return [
    ...expected.relations.flatMap((relation) => compareRelation(relation, expected, live)),
    ...expected.enums.flatMap((each) => compareEnum(each, find(live.enums, each))),
    ...expected.composites.flatMap((each) => {
      const other = find(live.composites, each);
      if (!other) return [lost(`type ${title(each)}`)];
      return compareColumns(`type ${title(each)}`, each.attributes, other.attributes);
    }),
    ...expected.functions.flatMap((each) => compareFunction(each, live)),
  ];
}

const lost = (what: string): Difference => ({
  what: `The ${what} is gone, or the role may not use it.`,
  mend: `Bring it back or grant it to the role, or take it out of the schema and ${COMPILE}.`,
  wrong: true,
});

function compareRelation(expected: CatalogRelation, all: Catalog, live: Catalog): readonly Difference[] {
  const name = `${expected.kind.replace("-", " ")} ${title(expected)}`;
  const found = find(live.relations, expected);
  if (!found) return [lost(name)];
  const differences = [
    ...compareColumns(name, expected.columns, found.columns),
    ...newlyRequired(name, expected, found),
  ];
  for (const key of expected.keys) {
    if (!found.keys.some((other) => same(other.columns, key.columns))) {
      differences.push({
        what: `The ${name} is no longer unique by ${key.columns.join(", ")}.`,
        mend: `Add the key again, or take it out of the schema and ${COMPILE}.`,
        wrong: true,
      });
    } else if (isDeferrable(found, key.columns) && !isDeferrable(expected, key.columns)) {
      differences.push({
        what: `The key (${key.columns.join(", ")}) of ${name} is deferrable now, so no upsert can go by it.`,
        mend: `Make it not deferrable, or ${COMPILE}.`,
        wrong: false,
      });
    }
  }
  for (const key of expected.foreignKeys) {
    const other = found.foreignKeys.find(
      (each) =>
        same(each.columns, key.columns) &&
        title(each.target) === title(key.target) &&
        same(each.targetColumns, key.targetColumns),
    );
    if (other?.validated === key.validated || other?.validated) continue;
    differences.push({
      what: `The foreign key (${key.columns.join(", ")}) of ${name} to ${title(key.target)} is ${other ? "not validated" : "gone"}.`,
      mend: `${other ? "Validate it" : "Add it again"}, or make the relation nullable and ${COMPILE}.`,
      wrong: true,
    });
  }
  if (found.rowSecurity && !expected.rowSecurity) {
    const isCertain = all.relations.some((each) =>
      each.foreignKeys.some((key) => title(key.target) === title(expected)),
    );
    differences.push({
      what: `The ${name} has row security now.`,
      mend: isCertain
        ? `Make the relations to it nullable and ${COMPILE}.`
        : `Nothing, if it was meant; ${COMPILE} to be rid of this message.`,
      wrong: isCertain,
    });
  }
  return differences;
}

function compareColumns(
  owner: string,
  expected: readonly CatalogColumn[],
  live: readonly CatalogColumn[],
): readonly Difference[] {
  return expected.flatMap((column): readonly Difference[] => {
    const found = live.find(({ name }) => name === column.name);
    if (!found) return [lost(`column ${column.name} of ${owner}`)];
    const differences: Difference[] = [];
    const alike = isAlike(column.type, found.type);
    const [was, is] = [typeTitle(column.type), typeTitle(found.type)];
    if (was !== is || !alike) {
      differences.push({
        what: `The column ${column.name} of ${owner} has the type ${is}, not ${was}.`,
        mend: `Change the type back, or ${COMPILE}.`,
        wrong: !alike,
      });
    }
    if (column.notNull && !found.notNull) {
      differences.push({
        what: `The column ${column.name} of ${owner} may be null now.`,
        mend: `Set it NOT NULL again, or make the field nullable and ${COMPILE}.`,
        wrong: true,
      });
    }
    return differences;
  });
}

/** A lost default, a NOT NULL, a new column with neither: what a new row has to give now and had not when it was compiled. */
function newlyRequired(owner: string, expected: CatalogRelation, live: CatalogRelation): readonly Difference[] {
  if (!expected.required) return [];
  const known = new Set(expected.required);
  return requiredColumns(live)
    .filter((column) => !known.has(column))
    .map((column) => {
      const isShown = expected.columns.some(({ name }) => name === column);
      return {
        what: `A new row of ${owner} has to give the column ${column} now${isShown ? "" : ", which the API does not have"}.`,
        mend: `Give it a default, or ${isShown ? "" : "take it into the schema and "}${COMPILE}; inserts without it fail until then.`,
        // With a field for it, a client can give it.
        wrong: !isShown,
      };
    });
}

/** A type as PostgreSQL would write it, a domain with its base. */
function typeTitle(type: PgType): string {
  if (type.kind === "array") return `${typeTitle(type.element)}[]`;
  if (type.kind === "domain") return `${title(type)} over ${typeTitle(type.base)}`;
  return type.kind === "base" ? type.name : title(type);
}

/** Whether values of both are shown, filtered and ordered by the same rules. */
function isAlike(a: PgType, b: PgType): boolean {
  const [one, other] = [withoutDomains(a), withoutDomains(b)];
  if (one.kind === "array" && other.kind === "array") return isAlike(one.element, other.element);
  if (one.kind !== "base" || other.kind !== "base") return typeTitle(one) === typeTitle(other);
  const scalar = scalarOf(one).type;
  return one.name === other.name || (scalar === scalarOf(other).type && scalar !== "JSON");
}

function compareEnum(
  expected: QualifiedName & { readonly labels: readonly string[] },
  live: { readonly labels: readonly string[] } | undefined,
): readonly Difference[] {
  const name = `enum ${title(expected)}`;
  if (!live) return [lost(name)];
  const gone = expected.labels.filter((label) => !live.labels.includes(label));
  const added = live.labels.filter((label) => !expected.labels.includes(label));
  return [
    ...gone.map((label) => ({
      what: `The ${name} has no label ${JSON.stringify(label)} any more.`,
      mend: `Take the value out of the schema and ${COMPILE}; filters by it fail until then.`,
      wrong: false,
    })),
    ...added.map((label) => ({
      what: `The ${name} has the new label ${JSON.stringify(label)}, for which the API has no value.`,
      mend: `Add the value to the schema and ${COMPILE}.`,
      wrong: true,
    })),
  ];
}

const signature = (each: CatalogFunction): string => each.arguments.map(({ type }) => typeTitle(type)).join(", ");

function compareFunction(expected: CatalogFunction, live: Catalog): readonly Difference[] {
  const name = `function ${title(expected)}(${signature(expected)})`;
  const found = live.functions.find(
    (each) => title(each) === title(expected) && signature(each) === signature(expected),
  );
  if (!found) return [lost(name)];
  const differences: Difference[] = [];
  const differs = (is: string, was: string): void => {
    differences.push({ what: `The ${name} ${is}, not ${was}.`, mend: `Change it back, or ${COMPILE}.`, wrong: true });
  };
  const [is, was] = [returnsTitle(found), returnsTitle(expected)];
  if (is !== was) differs(`returns ${is}`, was);
  if (found.volatility === "volatile" && expected.volatility !== "volatile")
    differs("is volatile", expected.volatility);
  expected.arguments.forEach((argument, index) => {
    const other = found.arguments[index];
    if (argument.name !== other?.name)
      differs(`calls argument ${index + 1} ${other?.name ?? "nothing"}`, argument.name ?? "nothing");
    const form = (each: typeof argument | undefined): string => (each?.variadic ? "as VARIADIC" : "as one value");
    if (form(argument) !== form(other)) differs(`takes argument ${index + 1} ${form(other)}`, form(argument));
    if (argument.hasDefault && !other?.hasDefault)
      differs(`has no default for argument ${index + 1}`, "an optional one");
  });
  return differences;
}

function returnsTitle({ returns, returnsSet }: CatalogFunction): string {
  const set = returnsSet ? "a set of " : "";
  switch (returns.kind) {
    case "value":
      return set + typeTitle(returns.type);
    case "rows":
      return set + title(returns.relation);
    case "table":
      return `${set}(${returns.columns.map(({ name, type }) => `${name} ${typeTitle(type)}`).join(", ")})`;
    case "void":
      return "nothing";
  }
}
