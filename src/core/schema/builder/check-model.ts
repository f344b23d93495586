/** Checks that a model is one GraphQL schema: names, references and the promises of interfaces. */

import { FIXED_TYPE_NAMES, GENERATED_TYPE_SUFFIXES, SIBLING_FIELD_SUFFIXES } from "../generated-names.ts";
import type { Field, Model, ObjectType } from "../model.ts";
import { isGraphqlName, RESERVED_FIELD_NAMES } from "../naming.ts";
import { isScalar, SCALARS } from "../scalars.ts";
import type { SchemaPart } from "./parts.ts";
import { type SchemaProblem, schemaInvalid } from "./problem.ts";

type Note = (message: string, owner?: string) => void;

/** Every problem of a model, each with the type that has it. */
export function problemsOfModel(model: Model): readonly { readonly message: string; readonly owner?: string }[] {
  const problems: { message: string; owner?: string }[] = [];
  const note: Note = (message, owner) => problems.push({ message, ...(owner === undefined ? {} : { owner }) });
  checkTypeNames(model, note);
  for (const object of model.objects) checkObject(model, object, note);
  checkEnums(model, note);
  for (const each of [...model.interfaces, ...model.inputs]) {
    if (each.fields.length === 0) note(`${each.name} has no fields`, each.name);
    for (const { name } of each.fields) checkName(name, `${each.name}.${name}`, each.name, note);
  }
  for (const union of model.unions) checkUnion(model, union, note);
  checkQueries(model, note);
  checkMutations(model, note);
  return problems;
}

/** @throws FraiseqlError `SCHEMA_INVALID` with all problems, each with the line of the part that has it. */
export function checkModel(model: Model, parts: readonly SchemaPart[]): void {
  const problems = problemsOfModel(model).map(({ message, owner }): SchemaProblem => {
    const part = parts.findLast((each) => each.name === owner);
    return { message, ...(part ? { stack: part.stack } : {}) };
  });
  if (problems.length > 0) throw schemaInvalid(problems);
}

function checkName(name: string, what: string, owner: string | undefined, note: Note): void {
  if (!isGraphqlName(name))
    note(
      `${JSON.stringify(what)} is not a GraphQL name: letters, digits and _, no digit first, no __ at the start`,
      owner,
    );
}

function namedTypes(model: Model) {
  return [...model.objects, ...model.enums, ...model.interfaces, ...model.unions, ...model.inputs];
}

function checkTypeNames(model: Model, note: Note): void {
  const generated = new Map<string, string>();
  for (const name of FIXED_TYPE_NAMES) generated.set(name, "it belongs to every schema");
  for (const { name } of SCALARS) generated.set(name, "it is a scalar");
  for (const { name } of [...SCALARS, ...model.enums]) {
    for (const suffix of ["Filter", "ListFilter"]) generated.set(`${name}${suffix}`, `it is made for ${name}`);
  }
  for (const each of model.mutations ?? []) {
    if (each.kind === "function") generated.set(each.type, `it is made for the mutation ${each.name}`);
  }
  for (const { name } of model.objects) {
    for (const suffix of GENERATED_TYPE_SUFFIXES) generated.set(`${name}${suffix}`, `it is made for ${name}`);
  }
  const seen = new Set<string>();
  for (const { name } of namedTypes(model)) {
    checkName(name, name, name, note);
    if (seen.has(name)) note(`there are two types named ${name}`, name);
    seen.add(name);
    const taken = generated.get(name);
    if (taken !== undefined) note(`the type name ${name} is taken: ${taken}`, name);
  }
}

function checkObject(model: Model, object: ObjectType, note: Note): void {
  if (object.fields.length === 0) note(`${object.name} has no fields`, object.name);
  const seen = new Map<string, string>();
  for (const field of object.fields) {
    const place = `${object.name}.${field.name}`;
    checkName(field.name, place, object.name, note);
    if (RESERVED_FIELD_NAMES.includes(field.name))
      note(`${place}: the field name ${field.name} is taken; try ${field.name}_`, object.name);
    for (const name of namesOf(field)) {
      const other = seen.get(name);
      if (other !== undefined)
        note(
          `${object.name} has two fields named ${name}: ${other === name ? "both written" : `one is made beside ${other}`}`,
          object.name,
        );
      seen.set(name, field.name);
    }
    checkTarget(model, object, field, note);
  }
  for (const name of object.interfaces) checkPromise(model, object, name, note);
}

function namesOf(field: Field): readonly string[] {
  if (field.kind !== "relation" || field.cardinality === "one") return [field.name];
  const kinds = (["connection", "aggregate", "groups"] as const).filter((kind) => field.siblings?.[kind] !== false);
  return [field.name, ...kinds.map((kind) => `${field.name}${SIBLING_FIELD_SUFFIXES[kind]}`)];
}

function checkTarget(model: Model, object: ObjectType, field: Field, note: Note): void {
  const place = `${object.name}.${field.name}`;
  if (field.kind === "scalar") {
    if (!isScalar(field.type) && !model.enums.some(({ name }) => name === field.type))
      note(`${place} is of the type ${field.type}, which is no scalar or enum`, object.name);
    return;
  }
  const target = model.objects.find(({ name }) => name === field.type);
  if (!target) note(`${place} is of the type ${field.type}, which is no object`, object.name);
  else if (field.kind === "embedded" && target.source.kind !== "value")
    note(`${place} holds ${field.type}, whose rows stand in a relation; use a relation field`, object.name);
  else if (field.kind === "relation" && target.source.kind === "value")
    note(`${place} leads to ${field.type}, which has no rows of its own`, object.name);
  if (field.kind === "relation") {
    const { local, foreign, through } = field;
    const paired = through
      ? local.length === through.local.length && through.foreign.length === foreign.length
      : local.length === foreign.length;
    if (!paired || local.length === 0) note(`${place} does not pair its columns`, object.name);
  }
}

/** An object has every field of its interface, of the same type, and no more often null. */
function checkPromise(model: Model, object: ObjectType, name: string, note: Note): void {
  const promised = model.interfaces.find((each) => each.name === name);
  if (!promised) note(`${object.name} implements ${name}, which is no interface`, object.name);
  for (const wanted of promised?.fields ?? []) {
    const field = object.fields.find((each) => each.name === wanted.name);
    const list = field?.kind === "relation" ? field.cardinality === "many" : field?.list;
    if (!field) note(`${object.name} implements ${name} but has no field ${wanted.name}`, object.name);
    else if (field.type !== wanted.type || list !== wanted.list || (field.nullable && !wanted.nullable)) {
      const type = `${wanted.list ? `[${wanted.type}]` : wanted.type}${wanted.nullable ? "" : "!"}`;
      note(`${object.name}.${wanted.name} must be ${type}, as ${name} says`, object.name);
    }
  }
}

function checkEnums(model: Model, note: Note): void {
  for (const each of model.enums) {
    if (each.values.length === 0) note(`${each.name} has no values`, each.name);
    const names = new Set<string>();
    const labels = new Set<string>();
    for (const { name, label } of each.values) {
      checkName(name, `${each.name}.${name}`, each.name, note);
      if (name === "true" || name === "false" || name === "null")
        note(`${each.name}: no enum value may be named ${name}`, each.name);
      if (names.has(name)) note(`${each.name} has two values named ${name}`, each.name);
      if (labels.has(label)) note(`${each.name} has two values for the label ${JSON.stringify(label)}`, each.name);
      names.add(name);
      labels.add(label);
    }
  }
}

function checkUnion(model: Model, union: Model["unions"][number], note: Note): void {
  if (union.members.length === 0) note(`${union.name} has no members`, union.name);
  if (new Set(union.members).size < union.members.length) note(`${union.name} names a member twice`, union.name);
  for (const member of union.members) {
    if (!model.objects.some(({ name }) => name === member))
      note(`${union.name} has the member ${member}, which is no object`, union.name);
  }
}

function checkQueries(model: Model, note: Note): void {
  if (model.queries.length === 0) note("the schema has no root field; give an object `list` or `one`");
  const seen = new Set(model.objects.some(({ keys }) => keys.some(({ primary }) => primary)) ? ["node"] : []);
  for (const query of model.queries) {
    checkName(query.name, query.name, query.type, note);
    if (seen.has(query.name)) note(`there are two root fields named ${query.name}`, query.type);
    seen.add(query.name);
    const object = model.objects.find(({ name }) => name === query.type);
    if (query.kind === "function-value") continue;
    const members = query.kind === "polymorphic" ? membersOf(model, query.type) : object ? [object] : [];
    if (members.length === 0)
      note(`the root field ${query.name} lists ${query.type}, which has no objects`, query.type);
    for (const member of members) {
      if (member.source.kind === "value" && query.kind !== "function-rows" && query.kind !== "function-sibling")
        note(`the root field ${query.name} lists ${member.name}, which has no rows of its own`, query.type);
    }
  }
}

function checkMutations({ mutations = [] }: Model, note: Note): void {
  const seen = new Set<string>();
  for (const { name, type } of mutations) {
    checkName(name, name, type, note);
    if (seen.has(name)) note(`there are two mutations named ${name}`, type);
    seen.add(name);
  }
}

function membersOf(model: Model, name: string): readonly ObjectType[] {
  const union = model.unions.find((each) => each.name === name);
  return model.objects.filter((object) => object.interfaces.includes(name) || union?.members.includes(object.name));
}
