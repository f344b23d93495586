/**
 * Changes to parts somebody else wrote: `fraiseql introspect` writes parts and writes them again, an author's changes
 * stand in another file and survive. Only what a change names is changed.
 */

import type { ScalarName } from "../scalars.ts";
import type { Narrower } from "./inferred-types.ts";
import { narrowed } from "./leaf-types.ts";
import { checkMutations, rootQueries } from "./objects.ts";
import {
  DOCUMENTATION_KEYS,
  type Documentation,
  type EnumPart,
  FIELD_KEYS,
  type FieldDraft,
  type FieldOptions,
  type FieldPart,
  type FieldParts,
  type InterfacePart,
  type ListOptions,
  type MutationOptions,
  type ObjectPart,
  type QueryOptions,
  type RootQueryDraft,
  redocumented,
} from "./parts.ts";
import { callSite, checkKeys, lookUp, refuse } from "./problem.ts";

export type FieldChange<Type extends string = string> = FieldOptions & {
  readonly name?: string;
  readonly nullable?: boolean;
  readonly type?: NarrowerField<Type> | EnumPart;
};
type NarrowerField<Type extends string> = string extends Type ? ScalarName : Narrower<Type>;

export type ObjectChange<P extends ObjectPart> = Documentation & {
  readonly name?: string;
  /** `false` takes the field away; what is said replaces what was there. */
  readonly fields?: {
    readonly [Name in keyof P["fields"]]?:
      | false
      | (P["fields"][Name] extends FieldPart<infer Type> ? FieldChange<Type> : FieldChange);
  };
  /** Root fields; `false` takes them away, a name or options replace them. */
  readonly one?: false | string | QueryOptions;
  readonly list?: false | string | ListOptions;
  readonly by?: false;
  /** `false` takes all mutations away; what is said replaces what was there. */
  readonly mutations?: MutationOptions;
  readonly implements?: readonly InterfacePart[];
};

const OBJECT_CHANGES = ["name", "fields", "one", "list", "by", "implements", "mutations", ...DOCUMENTATION_KEYS];

/** The object as the author changes it. @throws FraiseqlError SCHEMA_INVALID for a field or an option that there is not */
export function changeObject(part: ObjectPart, change: ObjectChange<ObjectPart>, added: FieldParts): ObjectPart {
  checkKeys(change, OBJECT_CHANGES, `the change of ${part.name}`);
  checkMutations(part.name, change.mutations);
  const fields = new Map(Object.entries(part.fields));
  for (const [name, said] of Object.entries(change.fields ?? {})) {
    const field = lookUp(fields, name, part.name, "field");
    if (said === false) fields.delete(name);
    else if (said !== undefined) fields.set(name, { draft: changeField(field.draft, said, `${part.name}.${name}`) });
  }
  for (const [name, field] of Object.entries(added)) {
    if (fields.has(name))
      refuse(
        `${part.name} has a field ${name} already; take it away with \`fields: { ${name}: false }\` in an earlier change, or choose another name`,
      );
    fields.set(name, field);
  }
  return {
    ...redocumented(part, change),
    name: change.name ?? part.name,
    changed: true,
    stack: callSite(),
    fields: Object.fromEntries(fields),
    interfaces: [...part.interfaces, ...(change.implements ?? []).map((each) => each.origin)],
    queries: changeQueries(part, change),
    mutations: change.mutations === undefined ? part.mutations : change.mutations || undefined,
  };
}

function changeField(draft: FieldDraft, change: FieldChange, place: string): FieldDraft {
  checkKeys(change, ["name", "nullable", "type", ...FIELD_KEYS], place);
  const changed = {
    ...redocumented(draft, change),
    ...(change.requires === undefined ? {} : { requires: change.requires }),
    ...(change.name === undefined ? {} : { name: change.name }),
    ...(change.nullable === undefined ? {} : { nullable: change.nullable }),
    stack: callSite(),
  };
  if (change.type === undefined) return changed;
  if (changed.kind === "relation")
    return refuse(`${place} is a relation; its type is the object over the other relation`);
  return { ...changed, type: narrowed(changed.type, change.type, place) };
}

function changeQueries(part: ObjectPart, change: ObjectChange<ObjectPart>): readonly RootQueryDraft[] {
  const isPrimary = (query: RootQueryDraft): boolean => {
    const primary = part.keys.find((key) => key.primary)?.columns.map(({ column }) => column);
    return query.kind === "one" && primary?.join("\0") === query.columns?.join("\0");
  };
  const kept = part.queries.filter((query) => {
    if (query.kind !== "one") return change.list === undefined;
    return isPrimary(query) ? change.one === undefined : change.by === undefined;
  });
  const wanted = {
    ...(change.one === undefined || change.one === false ? {} : { one: change.one }),
    ...(change.list === undefined || change.list === false ? {} : { list: change.list }),
  };
  return [...rootQueries(part.name, wanted, part.keys), ...kept];
}

export type EnumChange = Documentation & {
  readonly name?: string;
  readonly values?: Readonly<Record<string, Documentation & { readonly name?: string }>>;
};

/** The enum as the author changes it. @throws FraiseqlError SCHEMA_INVALID for a value or an option that there is not */
export function changeEnum(part: EnumPart, change: EnumChange): EnumPart {
  checkKeys(change, ["name", "values", ...DOCUMENTATION_KEYS], `the change of ${part.name}`);
  const values = new Map(part.values.map((value) => [value.name, value]));
  for (const [name, said] of Object.entries(change.values ?? {})) {
    checkKeys(said, ["name", ...DOCUMENTATION_KEYS], `${part.name}.${name}`);
    const value = lookUp(values, name, part.name, "value");
    values.set(name, { ...redocumented(value, said), name: said.name ?? name });
  }
  const common = { name: change.name ?? part.name, changed: true, stack: callSite() };
  return { ...redocumented(part, change), ...common, values: [...values.values()] };
}
