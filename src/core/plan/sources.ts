/** What the answer to an operation depends on. */
import type { QualifiedName } from "../schema/catalog.ts";
import type { Plan } from "./plan.ts";

export type Sources = {
  /** Tables and views, each once. */
  readonly relations: readonly QualifiedName[];
  /** Functions or SQL of the schema's author take part: what they read, or whether they look at a clock, is not known. */
  readonly isOpaque: boolean;
};

/** A plan answers many requests, and to go through all of it takes longer than a short answer does. */
const known = new WeakMap<Plan, Sources>();

export function sourcesOf(plan: Plan): Sources {
  const found = known.get(plan);
  if (found) return found;
  const sources = findSources(plan);
  known.set(plan, sources);
  return sources;
}

function findSources(plan: Plan): Sources {
  const relations = new Map<string, QualifiedName>();
  let isOpaque = false;
  const addRelation = (value: unknown): void => {
    if (isQualifiedName(value)) relations.set(JSON.stringify([value.schema, value.name]), value);
  };
  /** The plan is data all the way down; an object type in it counts with its relation, not with all its fields. */
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) {
      for (const item of value) visit(item);
      return;
    }
    if (typeof value !== "object" || value === null) return;
    for (const [key, part] of Object.entries(value)) {
      if (key === "relation") addRelation(part);
      else if (key === "object") addRelation(relationOf(part));
      else if ((key === "function" && isQualifiedName(part)) || (key === "from" && part === "expression"))
        isOpaque = true;
      else visit(part);
    }
  };
  visit(plan.output);
  return { relations: [...relations.values()], isOpaque };
}

function relationOf(object: unknown): unknown {
  const { source } = object as { readonly source?: { readonly relation?: unknown } };
  return source?.relation;
}

function isQualifiedName(value: unknown): value is QualifiedName {
  return typeof value === "object" && value !== null && "schema" in value && "name" in value;
}
