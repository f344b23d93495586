/** The model a database gives by itself: every relation, key, type and reading function under a name made by rule. */
import type { Catalog } from "../catalog.ts";
import type { Model, MutationField, ObjectType } from "../model.ts";
import { isMutation, mutationNameOf, outcomeMutation } from "../mutations-from-functions.ts";
import { mutationName, mutationsOf } from "../mutations-from-objects.ts";
import { camelName } from "../naming.ts";
import { settableColumns, writableColumns } from "../writable.ts";
import type { DocumentShapes } from "./document-shape.ts";
import { type Draft, draftObjects } from "./drafts.ts";
import { type FunctionContext, functionArguments, readFunctions } from "./functions-from-catalog.ts";
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
  const reading = catalog.functions.filter((each) => !isMutation(each, catalog));
  const functions = readFunctions({ functions: reading, drafts, values, typeNames, rootNames, notes });
  const mutations = readMutations(catalog, { drafts, values, typeNames, notes });
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

/** Functions keep their names; what is generated beside them gives way. */
function readMutations(
  catalog: Catalog,
  context: Pick<FunctionContext, "drafts" | "values" | "typeNames" | "notes">,
): readonly MutationField[] {
  const { drafts, values, typeNames, notes } = context;
  const names = nameScope([], notes);
  const objects = new Set(drafts.map(({ name }) => name));
  const outcomes = catalog.functions.flatMap((each): readonly MutationField[] => {
    if (!isMutation(each, catalog)) return [];
    const title = `Function ${each.schema}.${each.name}`;
    if (each.arguments.some(({ type }) => values.shapeOf(type).kind === "embedded")) {
      notes.push(`${title} is left out: an argument is a composite or a range.`);
      return [];
    }
    const name = names.claim([mutationNameOf(each), camelName(`${each.schema}_${each.name}`)], title);
    const made = outcomeMutation(each, name, functionArguments(each, false, context), objects);
    if (typeNames.claim([made.type]) === made.type) return [made];
    notes.push(`${title} is left out: the type name ${made.type} is taken.`);
    return [];
  });
  const generated = drafts.flatMap((draft) =>
    mutationsOf(objectOf(draft), (kind) => {
      const name = mutationName(draft.name, kind);
      return names.claim([name, `${name}Row${kind.endsWith("Many") ? "s" : ""}`], `Mutation ${kind} of ${draft.name}`);
    }),
  );
  return [...generated, ...outcomes];
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
    ...(isWritable(relation, source) && relation.constraints && { constraints: relation.constraints }),
  };
}

const isWritable = (relation: Draft["relation"], source: ObjectType["source"]): boolean =>
  relation.kind === "table" && source.kind === "columns" && settableColumns(relation).length > 0;
