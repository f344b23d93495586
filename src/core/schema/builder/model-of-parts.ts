/** From the parts of a description to the model: references become names. */

import type { Field, Key, Model, MutationField, ObjectType, QueryField } from "../model.ts";
import { mutationName, mutationsOf } from "../mutations-from-objects.ts";
import { writableColumns } from "../writable.ts";
import { outcomeOf, queriesOfFunction } from "./model-of-functions.ts";
import {
  type FieldDraft,
  fieldSays,
  type InterfacePart,
  type ObjectPart,
  type RootQueryDraft,
  type SchemaPart,
  said,
  type UnionPart,
} from "./parts.ts";
import { type SchemaProblem, schemaInvalid } from "./problem.ts";
import { createReferences, type References } from "./references.ts";

/** The last part of an origin counts; omitted ones fall away. Two unrelated parts of one name are a problem. */
function currentParts(parts: readonly SchemaPart[]): {
  readonly parts: SchemaPart[];
  readonly omitted: SchemaPart[];
  readonly problems: SchemaProblem[];
} {
  const current = new Map<string, SchemaPart>();
  const omitted: SchemaPart[] = [];
  const problems: SchemaProblem[] = [];
  for (const part of parts) {
    const known = current.get(part.origin);
    if (part.part === "omit") {
      if (known) omitted.push(known);
      else problems.push({ message: `there is no ${part.origin} to leave out`, stack: part.stack });
      current.delete(part.origin);
    } else {
      if (known && !part.changed)
        problems.push({
          message: `there are two parts named ${part.name}; to change one, use \`db.change\``,
          stack: part.stack,
        });
      current.set(part.origin, part);
    }
  }
  return { parts: [...current.values()], omitted, problems };
}

/** @throws FraiseqlError `SCHEMA_INVALID` with every reference that leads nowhere. */
export function modelOfParts(all: readonly SchemaPart[]): Model {
  const { parts, omitted, problems } = currentParts(all);
  const references = createReferences(parts, omitted, problems);
  const of = <K extends SchemaPart["part"]>(kind: K) =>
    parts.filter((part): part is Extract<SchemaPart, { part: K }> => part.part === kind);
  const objects = of("object").map((part) => objectType(part, references));
  const model: Model = {
    objects,
    enums: of("enum").map(({ name, description, deprecated, pg, values }) => ({
      ...said({ name, description, deprecated }),
      ...(pg ? { pg } : {}),
      values,
    })),
    interfaces: of("interface").map((part) => ({ ...said(part), fields: plain(part.fields) })),
    unions: of("union").map((part) => ({ ...said(part), members: part.members.map(references.nameOf) })),
    inputs: of("input").map((part) => ({ ...said(part), fields: plain(part.fields) })),
    queries: parts.flatMap((part) => queriesOf(part, objects, references)),
  };
  const mutations = [
    ...of("object").flatMap((part, index) => mutationFields(part, objects[index] as ObjectType)),
    ...of("mutation").flatMap((part) => outcomeOf(part, references)),
  ];
  if (problems.length > 0) throw schemaInvalid(problems);
  return { ...model, ...(mutations.length > 0 && { mutations }) };
}

/** What the options name, and where they leave a kind unmentioned, what the object allows under its usual name. */
function mutationFields({ name, mutations }: ObjectPart, object: ObjectType): readonly MutationField[] {
  if (!mutations) return [];
  const options = mutations === true ? {} : mutations;
  return mutationsOf(object, (kind) => mutationName(name, kind)).flatMap((field) => {
    const own = options[field.kind];
    if (own === false) return [];
    if (own === undefined) return [field];
    return [typeof own === "string" ? { ...field, name: own } : { ...field, ...fieldSays(own), name: own.name }];
  });
}

function plain<T extends object>(fields: Readonly<Record<string, T>>): (T & { readonly name: string })[] {
  return Object.entries(fields).map(([name, field]) => ({ name, ...field }));
}

function objectType(part: ObjectPart, references: References): ObjectType {
  const fields = Object.entries(part.fields).flatMap(([key, { draft }]) =>
    fieldOf(draft.name ?? key, draft, part.name, references),
  );
  const shown = new Set(
    fields.flatMap((field) => (field.kind === "scalar" && field.value.from === "column" ? [field.value.column] : [])),
  );
  const { source } = part;
  return {
    ...said(part),
    source: "relation" in source ? source : { kind: "value" },
    fields,
    // A key can be asked for only by fields that show its columns.
    keys: part.keys.filter((key) => key.columns.every(({ column }) => shown.has(column))),
    interfaces: part.interfaces.map(references.nameOf),
    ...(part.settable.length > 0 && { writable: writableColumns(part.settable, fields) }),
    ...(part.settable.length > 0 && part.constraints && { constraints: part.constraints }),
  };
}

function fieldOf(name: string, draft: FieldDraft, owner: string, references: References): Field[] {
  const place = `${owner}.${name}`;
  if (references.isOmitted(draft.type)) return [];
  const type = references.find(draft.type, place, draft.stack);
  if (!type) return [];
  const common = {
    ...said({ ...draft, name }),
    ...(draft.requires ? { requires: draft.requires } : {}),
    type: type.name,
  };
  if (draft.kind === "relation") {
    const { cardinality, nullable, local, foreign, through, siblings } = draft;
    if (!type.isObject)
      references.problems.push({
        message: `${place} is a relation to ${type.name}, which is no object`,
        stack: draft.stack,
      });
    return [
      {
        ...common,
        kind: "relation",
        cardinality,
        nullable,
        local,
        foreign,
        ...(through ? { through } : {}),
        ...(siblings ? { siblings } : {}),
      },
    ];
  }
  const { list, nullable, value } = draft;
  return [{ ...common, kind: type.isObject ? "embedded" : "scalar", list, nullable, value }];
}

function queriesOf(part: SchemaPart, objects: readonly ObjectType[], references: References): readonly QueryField[] {
  if (part.part === "function") return queriesOfFunction(part, objects, references);
  if (part.part === "object" || part.part === "interface" || part.part === "union")
    return part.queries.flatMap((query) => rootQuery(part, query, references));
  return [];
}

function rootQuery(
  part: ObjectPart | InterfacePart | UnionPart,
  query: RootQueryDraft,
  references: References,
): QueryField[] {
  const common = { ...said(query), ...(query.requires ? { requires: query.requires } : {}), type: part.name };
  if (query.kind !== "one") return [{ ...common, kind: query.kind }];
  if (part.part !== "object") return [];
  const { keys } = objectType(part, { ...references, problems: [] });
  const key = keyIndex(keys, query.columns ?? []);
  if (key >= 0) return [{ ...common, kind: "one", key }];
  const columns = (query.columns ?? []).join(", ");
  references.problems.push({
    message: `the root field ${query.name} asks for one ${part.name} by ${columns}: these must be the columns of a key, and each must be shown by a field`,
    stack: part.stack,
  });
  return [];
}

/** The key over the columns: in the same order if there is one, otherwise in any. */
function keyIndex(keys: readonly Key[], wanted: readonly string[]): number {
  const all = keys.map(({ columns }) => columns.map(({ column }) => column));
  const text = (columns: readonly string[]): string => JSON.stringify(columns);
  const exact = all.findIndex((columns) => text(columns) === text(wanted));
  return exact >= 0 ? exact : all.findIndex((columns) => text(columns.toSorted()) === text(wanted.toSorted()));
}
