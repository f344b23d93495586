/** From the ways parts refer to types to the names of the types. */

import type { QualifiedName } from "../catalog.ts";
import { isScalar } from "../scalars.ts";
import { suggestion } from "../suggest.ts";
import { nameIn } from "./inferred-types.ts";
import type { SchemaPart, TypeRef } from "./parts.ts";
import type { SchemaProblem } from "./problem.ts";

type UnnamedRef = Exclude<TypeRef, { by: "name" }>;

type Named = { readonly name: string; readonly isObject: boolean };

/** Finds types by the way they are referred to, and keeps the problems. */
export type References = {
  readonly problems: SchemaProblem[];
  /** `undefined` for a type that was left out on purpose, or that is not there: that is noted as a problem. */
  readonly find: (ref: TypeRef, place: string, stack: string) => Named | undefined;
  readonly isOmitted: (ref: TypeRef) => boolean;
  readonly nameOf: (origin: string) => string;
};

export function createReferences(
  parts: readonly SchemaPart[],
  omitted: readonly SchemaPart[],
  problems: SchemaProblem[],
): References {
  const origins = new Map(parts.map((part) => [part.origin, part]));
  const gone = new Set(omitted.map((part) => part.origin));
  const find = (ref: TypeRef, place: string, stack: string): Named | undefined => {
    if (ref.by === "name") {
      if (isScalar(ref.name)) return { name: ref.name, isObject: false };
      const part = origins.get(ref.name) ?? parts.find((each) => each.name === ref.name && each.part !== "function");
      if (part) return { name: part.name, isObject: part.part === "object" };
      problems.push({
        message: `${place} is of the type ${ref.name}, which is not there${suggestion(
          ref.name,
          parts.map((each) => each.name),
        )}`,
        stack,
      });
      return undefined;
    }
    const all = parts.filter((part) => standsFor(part, ref));
    // Where an object shows a relation and another its row type, the relation's own is meant.
    const rows = all.filter((part) => part.part === "object" && "relation" in part.source);
    const standing = rows.length > 0 ? rows : all;
    const [first, ...others] = standing;
    if (first && others.length === 0) return { name: first.name, isObject: first.part === "object" };
    problems.push({ message: first ? ambiguous(ref, place, standing) : missing(ref, place), stack });
    return undefined;
  };
  return {
    problems,
    find,
    isOmitted: (ref) => {
      if (ref.by === "name") return gone.has(ref.name) && !origins.has(ref.name);
      return !parts.some((part) => standsFor(part, ref)) && omitted.some((part) => standsFor(part, ref));
    },
    nameOf: (origin) => origins.get(origin)?.name ?? origin,
  };
}

/** Whether a part is what the API shows for a relation, a type of the database or the table of a function. */
function standsFor(part: SchemaPart, ref: UnnamedRef): boolean {
  if (part.part === "enum") return ref.by === "pg" && ref.kind === "enum" && !!part.pg && isSame(part.pg, ref.pg);
  if (part.part !== "object") return false;
  const { source } = part;
  switch (ref.by) {
    case "relation":
      // A function may return rows of a composite type, which is no relation.
      if ("relation" in source) return isSame(source.relation, ref.relation);
      return source.kind === "composite" && isSame(source.pg, ref.relation);
    case "pg":
      return source.kind === ref.kind && "pg" in source && isSame(source.pg, ref.pg);
    case "function":
      return (
        source.kind === "returned" && isSame(source.pg, ref.pg) && source.signature.join() === ref.signature.join()
      );
  }
}

const isSame = (left: QualifiedName, right: QualifiedName): boolean => nameIn(left) === nameIn(right);

function ambiguous(ref: UnnamedRef, place: string, standing: readonly SchemaPart[]): string {
  const what = nameIn(ref.by === "relation" ? ref.relation : ref.pg);
  const names = standing.map((part) => part.name).join(", ");
  return `${place}: several types stand for ${what}; say which with \`type\`: ${names}`;
}

function missing(ref: UnnamedRef, place: string): string {
  const name = nameIn(ref.by === "relation" ? ref.relation : ref.pg);
  const add = (call: string): string => `add one with \`db.${call}(…, { from: "${name}" }, …)\``;
  if (ref.by === "relation") return `${place} leads to ${name}, over which there is no object; ${add("table")}`;
  if (ref.by === "function")
    return `${place} returns a table of its own, for which there is no object; ${add("returned")}`;
  return `${place} is of the type ${name}, for which there is no part; ${add(ref.kind)}`;
}
