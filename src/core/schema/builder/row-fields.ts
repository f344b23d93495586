/** The fields an object over a table or view can have: columns, expressions, functions of the row, and relations. */

import type { Catalog, CatalogColumn, CatalogFunction, CatalogRelation, PgType } from "../catalog.ts";
import type { ValueSource } from "../model.ts";
import { withoutDomains } from "../pg-types.ts";
import type { ScalarName } from "../scalars.ts";
import { checkExpression } from "./expression.ts";
import { columnOf, type Facts, isNullable, readType, typeText } from "./facts.ts";
import {
  type ColumnName,
  type FunctionsOf,
  type JoinColumns,
  type LeafOf,
  nameIn,
  type RelationName,
  type RelationOf,
  type RowFunctionName,
  type ScalarFor,
  type TypeOfColumn,
} from "./inferred-types.ts";
import { leafType, narrowed } from "./leaf-types.ts";
import { type EnumPart, FIELD_KEYS, type FieldDraft, type FieldOptions, type FieldPart, fieldSays } from "./parts.ts";
import { callSite, checkKeys, lookUp, refuse } from "./problem.ts";
import { relationFields, type ToManyOptions, type ToOneOptions } from "./relation-fields.ts";

export type ColumnOptions<T> = FieldOptions & {
  /** A narrower scalar than the column's own, or an enum over text. */
  readonly type?: ScalarFor<T> | EnumPart;
  readonly nullable?: boolean;
};
export type ComputedOptions = FieldOptions & { readonly list?: boolean; readonly nullable?: boolean };
export type CallOptions = FieldOptions & {
  /** A narrower scalar than the result's own. */
  readonly type?: ScalarName | EnumPart;
  readonly nullable?: boolean;
};
type LeafName<T> = T extends EnumPart<infer Name> ? Name : T extends string ? T : string;

/** Makes the fields of a row of `R`. Names are checked by the compiler against the catalog, and again when run. */
export type RowFields<C extends Catalog, R> = {
  /** A column; its scalar, enum or object follows from its type. */
  column<const Name extends ColumnName<R>>(
    name: Name,
    options?: ColumnOptions<TypeOfColumn<R, Name>>,
  ): FieldPart<LeafOf<TypeOfColumn<R, Name>> & string>;
  /** An SQL expression over the row: `` f.expression("String")`${"first_name"} || ' ' || ${"last_name"}` ``. */
  expression<const Type extends ScalarName | EnumPart>(
    type: Type,
    options?: ComputedOptions,
  ): (texts: TemplateStringsArray, ...columns: readonly ColumnName<R>[]) => FieldPart<LeafName<Type>>;
  /** A function whose only argument is a row of the relation. */
  call<const Name extends RowFunctionName<C, R>>(name: Name, options?: CallOptions): FieldPart<ReturnedBy<C, Name>>;
  /** The row of another relation whose columns equal these: `f.one("language", { language_id: "language_id" })`. */
  one<const To extends RelationName<C>>(
    to: To,
    on: JoinColumns<R, RelationOf<C, To>>,
    options?: ToOneOptions,
  ): FieldPart;
  /** The rows of another relation whose columns equal these. */
  many<const To extends RelationName<C>>(
    to: To,
    on: JoinColumns<R, RelationOf<C, To>>,
    options?: ToManyOptions,
  ): FieldPart;
  /** Many to many: from these columns over a third relation. */
  through<const Over extends RelationName<C>, const To extends RelationName<C>>(
    over: Over,
    near: JoinColumns<R, RelationOf<C, Over>>,
    to: To,
    far: JoinColumns<RelationOf<C, Over>, RelationOf<C, To>>,
    options?: ToManyOptions,
  ): FieldPart;
};

type ReturnedBy<C extends Catalog, Name> = Name extends keyof FunctionsOf<C>
  ? FunctionsOf<C>[Name] extends { readonly returns: { readonly kind: "value"; readonly type: infer T } }
    ? LeafOf<T> & string
    : string
  : string;

const part = (draft: FieldDraft): FieldPart => ({ draft });

/** A column as a field: its type and whether it may be null as the catalog says, unless the options say otherwise. */
export function columnField(
  columns: readonly CatalogColumn[],
  place: string,
  name: string,
  options: ColumnOptions<unknown> = {},
): FieldPart {
  const column = columnOf(columns, name, place);
  checkKeys(options, ["type", "nullable", ...FIELD_KEYS], `column ${name}`);
  const { ref, list } = readType(column.type);
  return part({
    kind: "value",
    ...fieldSays(options, column.comment),
    type:
      options.type === undefined
        ? ref
        : narrowed(ref, options.type as string | EnumPart, `${place}.${name} (${typeText(column.type)})`),
    list,
    nullable: options.nullable ?? isNullable(column),
    value: { from: "column", column: name, type: column.type, notNull: column.notNull },
    stack: callSite(),
  });
}

/** What `f` is in a change: fields over the columns of one relation. */
export function rowFields<C extends Catalog, R>(facts: Facts, relation: CatalogRelation): RowFields<C, R> {
  const place = nameIn(relation);
  const fields = {
    column: (name: string, options?: ColumnOptions<unknown>) => columnField(relation.columns, place, name, options),
    expression: (type: ScalarName | EnumPart, options: ComputedOptions = {}) => {
      checkKeys(options, ["list", "nullable", ...FIELD_KEYS], "an expression");
      const { ref, pgType } = leafType(type);
      return (texts: TemplateStringsArray, ...columns: readonly string[]) => {
        for (const column of columns) columnOf(relation.columns, column, place);
        checkExpression(texts, `the expression over ${place}`);
        const type: PgType = options.list ? { kind: "array", element: pgType } : pgType;
        const value: ValueSource = { from: "expression", texts: [...texts], columns, type };
        return part({
          kind: "value",
          ...fieldSays(options),
          type: ref,
          list: options.list ?? false,
          nullable: options.nullable ?? true,
          value,
          stack: callSite(),
        });
      };
    },
    call: (name: string, options: CallOptions = {}) => callField(facts, relation, name, options),
    ...relationFields(facts, relation),
  };
  return fields as unknown as RowFields<C, R>;
}

function callField(facts: Facts, relation: CatalogRelation, name: string, options: CallOptions): FieldPart {
  checkKeys(options, ["type", "nullable", ...FIELD_KEYS], `function ${name}`);
  const candidates = lookUp(facts.functions, name, "the catalog", "function");
  const found = candidates.find(({ arguments: [first, ...others] }) => {
    const type = first && withoutDomains(first.type);
    return others.length === 0 && type?.kind === "composite" && nameIn(type) === nameIn(relation);
  });
  if (!found) return refuse(`function ${name} does not take a row of ${nameIn(relation)} as its only argument`);
  const type = returnedType(found);
  if (!type) return refuse(`function ${name} does not return one value`);
  const { ref, list } = readType(type);
  return part({
    kind: "value",
    ...fieldSays(options, found.comment),
    type: options.type === undefined ? ref : narrowed(ref, options.type, `the result of ${name}`),
    list,
    nullable: options.nullable ?? true,
    value: { from: "function", function: { schema: found.schema, name: found.name }, type },
    stack: callSite(),
  });
}

function returnedType({ returns, returnsSet }: CatalogFunction): PgType | undefined {
  if (returnsSet) return undefined;
  if (returns.kind === "rows") return { kind: "composite", ...returns.relation };
  return returns.kind === "value" ? returns.type : undefined;
}
