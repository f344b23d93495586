/** The model of `garage.sql` with an interface, a union, expressions, and promises that some rows do not keep. */
import type { Field, Model, ObjectType } from "../../src/core/schema/model.ts";

/** Fields declared non-null; a few rows hold a null in each. */
const PROMISED: Readonly<Record<string, readonly string[]>> = {
  Car: ["price", "colour", "engine", "label", "priceWithTax"],
  Bike: ["owner"],
  Part: ["weight"],
  Person: ["city"],
  Ride: ["began"],
  Badge: ["level"],
  BadgePlace: ["room"],
  BadgeDoor: ["code"],
};
/** Functions that give a null for some arguments. */
const PROMISED_CALLS: readonly string[] = ["share"];

/** Query fields that a generated operation may call: each gives rows in one order, and none raises. */
export const GARAGE_CALLS: ReadonlySet<string> = new Set([
  "carsOver",
  "ridesSince",
  "personCalled",
  "share",
  "greeting",
  "cities",
]);

const EXPRESSIONS: Readonly<Record<string, readonly Field[]>> = {
  Car: [
    expression("priceWithTax", "Decimal", "numeric", ["round(", " * 1.19, 2)"], ["price"]),
    expression("isBig", "Boolean", "bool", ["", " > 4"], ["seats"]),
    expression("weightTwice", "Float", "float8", ["", " * 2"], ["weight"]),
  ],
  Bike: [expression("title", "String", "text", ["", " || ' ' || ", ""], ["code", "name"])],
};

function expression(
  name: string,
  type: string,
  pgType: string,
  texts: readonly string[],
  columns: readonly string[],
): Field {
  const value = { from: "expression", texts, columns, type: { kind: "base", name: pgType } } as const;
  return { kind: "scalar", name, type, list: false, nullable: true, value };
}

export function extendGarage(model: Model): Model {
  const extended: Model = {
    ...model,
    objects: model.objects.map(promising),
    interfaces: [
      ...model.interfaces,
      {
        name: "Vehicle",
        fields: [
          { name: "name", type: "String", list: false, nullable: false },
          { name: "price", type: "Decimal", list: false, nullable: true },
          { name: "owner", type: "Person", list: false, nullable: true },
        ],
      },
    ],
    unions: [...model.unions, { name: "Thing", members: ["Person", "Bike", "Badge", "Car"] }],
    queries: [
      ...model.queries.map((query) =>
        query.kind === "function-value" && PROMISED_CALLS.includes(query.name) ? { ...query, nullable: false } : query,
      ),
      { kind: "polymorphic", name: "vehicles", type: "Vehicle" },
      { kind: "polymorphic", name: "things", type: "Thing" },
    ],
  };
  refuseUnknown(extended);
  return extended;
}

function promising(object: ObjectType): ObjectType {
  const isVehicle = object.name === "Car" || object.name === "Bike";
  const fields = [...object.fields, ...(EXPRESSIONS[object.name] ?? [])];
  return {
    ...object,
    interfaces: isVehicle ? [...object.interfaces, "Vehicle"] : object.interfaces,
    fields: fields.map((field) =>
      PROMISED[object.name]?.includes(field.name) ? { ...field, nullable: false } : field,
    ),
  };
}

/** A name that no longer fits would test nothing. */
function refuseUnknown({ objects, queries }: Model): void {
  for (const [name, fields] of Object.entries(PROMISED)) {
    const object = objects.find((each) => each.name === name);
    for (const field of fields) {
      if (!object?.fields.some((each) => each.name === field)) throw new Error(`the garage has no ${name}.${field}`);
    }
  }
  for (const name of GARAGE_CALLS) {
    if (!queries.some((query) => query.name === name)) throw new Error(`the garage has no query ${name}`);
  }
}
