/** Fields that lead to rows of another relation. */
import type { CatalogRelation } from "../catalog.ts";
import type { RelationField } from "../model.ts";
import { columnOf, type Facts } from "./facts.ts";
import { nameIn } from "./inferred-types.ts";
import { FIELD_KEYS, type FieldDraft, type FieldOptions, type FieldPart, fieldSays, type TypeRef } from "./parts.ts";
import { callSite, checkKeys, lookUp, refuse } from "./problem.ts";

export type ToOneOptions = FieldOptions & {
  /** Name of the object, where several stand over the same relation. */
  readonly type?: string;
  readonly nullable?: boolean;
};
export type ToManyOptions = FieldOptions & { readonly type?: string; readonly siblings?: RelationField["siblings"] };

type Pairs = Readonly<Record<string, string | undefined>> | readonly (readonly [string, string])[];

const part = (draft: FieldDraft): FieldPart => ({ draft });

/** `one`, `many` and `through` of a row's fields; `RowFields` says what they take. */
export function relationFields(facts: Facts, relation: CatalogRelation) {
  return {
    one: (to: string, on: Pairs, options: ToOneOptions = {}) => {
      checkKeys(options, ["type", "nullable", ...FIELD_KEYS], "a relation to one");
      const target = lookUp(facts.relations, to, "the catalog", "relation");
      const { local, foreign } = joined(relation, target, on);
      return part({
        ...relationTo(target, options),
        cardinality: "one",
        nullable: options.nullable ?? !alwaysFound(relation, target, local, foreign),
        local,
        foreign,
      });
    },
    many: (to: string, on: Pairs, options: ToManyOptions = {}) => {
      checkKeys(options, ["type", "siblings", ...FIELD_KEYS], "a relation to many");
      const target = lookUp(facts.relations, to, "the catalog", "relation");
      return part({
        ...relationTo(target, options),
        ...siblings(options),
        cardinality: "many",
        nullable: false,
        ...joined(relation, target, on),
      });
    },
    through: (over: string, near: Pairs, to: string, far: Pairs, options: ToManyOptions = {}) => {
      checkKeys(options, ["type", "siblings", ...FIELD_KEYS], "a relation to many");
      const middle = lookUp(facts.relations, over, "the catalog", "relation");
      const target = lookUp(facts.relations, to, "the catalog", "relation");
      const first = joined(relation, middle, near);
      const second = joined(middle, target, far);
      const through = {
        relation: { schema: middle.schema, name: middle.name },
        local: first.foreign,
        foreign: second.local,
      };
      const columns = { local: first.local, foreign: second.foreign, through };
      return part({
        ...relationTo(target, options),
        ...siblings(options),
        cardinality: "many",
        nullable: false,
        ...columns,
      });
    },
  };
}

function relationTo(target: CatalogRelation, options: FieldOptions & { readonly type?: string }) {
  const relation = { schema: target.schema, name: target.name };
  const type: TypeRef = options.type === undefined ? { by: "relation", relation } : { by: "name", name: options.type };
  return { kind: "relation", ...fieldSays(options), type, stack: callSite() } as const;
}

function siblings(options: ToManyOptions): Pick<RelationField, "siblings"> {
  return options.siblings === undefined ? {} : { siblings: options.siblings };
}

function joined(
  from: CatalogRelation,
  to: CatalogRelation,
  on: Pairs,
): { readonly local: readonly string[]; readonly foreign: readonly string[] } {
  const all: readonly (readonly [string, string | undefined])[] = Array.isArray(on) ? on : Object.entries(on);
  const pairs = all.filter((pair): pair is readonly [string, string] => pair[1] !== undefined);
  if (pairs.length === 0)
    refuse(`a relation from ${nameIn(from)} to ${nameIn(to)} needs at least one pair of equal columns`);
  for (const [local, foreign] of pairs) {
    columnOf(from.columns, local, nameIn(from));
    columnOf(to.columns, foreign, nameIn(to));
  }
  return { local: pairs.map(([local]) => local), foreign: pairs.map(([, foreign]) => foreign) };
}

/** Whether PostgreSQL proves that the row is there and can be seen. */
function alwaysFound(
  from: CatalogRelation,
  to: CatalogRelation,
  local: readonly string[],
  foreign: readonly string[],
): boolean {
  const pairs = new Set(local.map((column, index) => `${column}\0${foreign[index]}`));
  const proven = from.foreignKeys.some(
    (key) =>
      key.validated &&
      nameIn(key.target) === nameIn(to) &&
      key.columns.length === pairs.size &&
      key.columns.every((column, index) => pairs.has(`${column}\0${key.targetColumns[index]}`)),
  );
  return proven && !to.rowSecurity && local.every((column) => columnOf(from.columns, column, nameIn(from)).notNull);
}
