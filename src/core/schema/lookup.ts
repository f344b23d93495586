/** The types of a model by name. A model that was checked has every name it mentions. */
import type { QualifiedName } from "./catalog.ts";
import type { EnumType, Model, ObjectType } from "./model.ts";

export type Lookup = {
  readonly object: (name: string) => ObjectType;
  readonly enum: (name: string) => EnumType | undefined;
  /** The enum that stands for an enum of the database. */
  readonly enumOf: (type: QualifiedName) => EnumType | undefined;
};

/** Finds objects and enums of a model by name. @throws TypeError when asked for one that it does not have */
export function createLookup(model: Model): Lookup {
  const objects = new Map(model.objects.map((object) => [object.name, object]));
  const enums = new Map(model.enums.map((each) => [each.name, each]));
  return {
    object: (name) => {
      const object = objects.get(name);
      if (!object) throw new TypeError(`the model has no object ${name}`);
      return object;
    },
    enum: (name) => enums.get(name),
    enumOf: ({ schema, name }) => model.enums.find(({ pg }) => pg?.schema === schema && pg.name === name),
  };
}
