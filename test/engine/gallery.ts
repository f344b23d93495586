/** The museum of `gallery.sql`, with what a database alone cannot say: an interface, a union and expressions. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Field, Model, ObjectType } from "../../src/core/schema/model.ts";

export const GALLERY_SQL = readFileSync(join(import.meta.dir, "gallery.sql"), "utf8");

export function extendGallery(model: Model): Model {
  const named: Model["interfaces"][number] = {
    name: "Named",
    description: "Whatever has a name.",
    fields: [{ name: "name", type: "String", list: false, nullable: false }],
  };
  return {
    ...model,
    objects: model.objects.map((object) =>
      object.name === "Work" ? withExpressions(object) : isNamed(object) ? withInterface(object) : object,
    ),
    interfaces: [...model.interfaces, named],
    unions: [...model.unions, { name: "Inventory", description: "What the museum owns.", members: ["Work", "Room"] }],
    queries: [
      ...model.queries,
      { kind: "polymorphic", name: "named", type: "Named" },
      { kind: "polymorphic", name: "inventory", type: "Inventory" },
    ],
  };
}

const isNamed = ({ name }: ObjectType): boolean => name === "Artist" || name === "Room";

const withInterface = (object: ObjectType): ObjectType => ({ ...object, interfaces: [...object.interfaces, "Named"] });

function withExpressions(work: ObjectType): ObjectType {
  const priceWithTax: Field = {
    kind: "scalar",
    name: "priceWithTax",
    type: "Decimal",
    list: false,
    nullable: true,
    value: {
      from: "expression",
      texts: ["round(", " * 1.19, 2)"],
      columns: ["price"],
      type: { kind: "base", name: "numeric" },
    },
  };
  return { ...work, fields: [...work.fields, priceWithTax] };
}
