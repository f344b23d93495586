/** The model a database gives by itself: every relation, key, type and reading function under a name made by rule. */
import type { Catalog } from "./catalog.ts";
import type { DocumentShapes } from "./document-shape.ts";
import { type Draft, draftObjects } from "./drafts.ts";
import { readFunctions } from "./functions-from-catalog.ts";
import type { Model, ObjectType } from "./model.ts";
import { mutationName, mutationsOf, settableColumns, writableColumns } from "./mutations-from-objects.ts";
import { nameScope } from "./name-scope.ts";
import { queriesOf } from "./queries-from-objects.ts";
import { addRelations } from "./relations-from-links.ts";
import { typeNameScope } from "./type-names.ts";
import { valueTypes } from "./value-types.ts";

/**
 * @param documents shapes of the documents in FraiseQL views; a view without a shape shows its columns.
 * @returns the model, and a line for each name that had to give way and each thing that was left out or taken on trust.
 */
export function modelFromCatalog(
  catalog: Catalog,
  documents: DocumentShapes = [],
): { readonly model: Model; readonly notes: readonly string[] } {
  const notes: string[] = [];
  const typeNames = typeNameScope(notes);
  const values = valueTypes(catalog, typeNames, notes);
  const drafts = draftObjects({ catalog, documents, typeNames, values, notes });
  addRelations(drafts);
  const rootNames = nameScope(["node"], notes);
  const lists = drafts.flatMap((draft) => queriesOf(objectOf(draft), rootNames));
  const functions = readFunctions({ functions: catalog.functions, drafts, values, typeNames, rootNames, notes });
  const writtenNames = nameScope([], notes);
  const mutations = drafts.flatMap((draft) =>
    mutationsOf(objectOf(draft), (kind) =>
      writtenNames.claim([mutationName(draft.name, kind)], `Mutation ${kind} of ${draft.name}`),
    ),
  );
  const model: Model = {
    objects: [
      ...drafts.map(objectOf),
      ...drafts.flatMap((draft) => draft.values),
      ...values.objects(),
      ...functions.objects,
    ],
    enums: values.enums(),
    interfaces: [],
    unions: [],
    inputs: [],
    queries: [...lists, ...functions.queries],
    ...(mutations.length > 0 && { mutations }),
  };
  return { model, notes };
}

function objectOf({ name, relation, source, fields, keys }: Draft): ObjectType {
  return {
    name,
    ...(relation.comment !== undefined && { description: relation.comment }),
    source,
    fields,
    keys,
    interfaces: [],
    ...(isWritable(relation, source) && { writable: writableColumns(settableColumns(relation), fields) }),
  };
}

const isWritable = (relation: Draft["relation"], source: ObjectType["source"]): boolean =>
  relation.kind === "table" && source.kind === "columns" && settableColumns(relation).length > 0;
