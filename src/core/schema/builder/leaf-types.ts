/** What a single value is shown as: a scalar, or an enum of the author. */
import type { PgType } from "../catalog.ts";
import { pgTypeOfScalar, SCALARS, type ScalarName } from "../scalars.ts";
import type { EnumPart, TypeRef } from "./parts.ts";
import { lookUp, refuse } from "./problem.ts";

/** The scalar or enum an author wants for a value, if it is written the same in JSON. */
export function narrowed(own: TypeRef, wanted: string | EnumPart, place: string): TypeRef {
  if (typeof wanted !== "string") return { by: "name", name: wanted.name };
  const possible = own.by === "name" ? narrowerThan(own.name) : ["String"];
  if (!possible.includes(wanted)) refuse(`${place} cannot be shown as ${wanted}; possible: ${possible.join(", ")}`);
  return { by: "name", name: wanted };
}

function narrowerThan(scalar: string): readonly string[] {
  if (scalar === "String") return ["String", ...SCALARS.filter(({ pg }) => pg.length === 0).map(({ name }) => name)];
  return scalar === "UUID" || scalar === "BigInt" ? [scalar, "ID"] : [scalar];
}

/** The type of an expression or a document's value, from the scalar or enum the author names. */
export function leafType(type: ScalarName | EnumPart): { readonly ref: TypeRef; readonly pgType: PgType } {
  if (typeof type !== "string") {
    const pgType: PgType = type.pg ? { kind: "enum", ...type.pg } : { kind: "base", name: "text" };
    return { ref: { by: "name", name: type.name }, pgType };
  }
  lookUp(new Map(SCALARS.map((row) => [row.name, row])), type, "FraiseQL", "scalar");
  return { ref: { by: "name", name: type }, pgType: pgTypeOfScalar(type) };
}
