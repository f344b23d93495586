/** Names of a schema's own types in the generated module, and which of them are needed. */
import {
  type GraphQLEnumType,
  type GraphQLInputObjectType,
  type GraphQLScalarType,
  isEnumType,
  isInputObjectType,
} from "graphql";
import { isScalar } from "../schema/scalars.ts";

/** TypeScript type of a scalar by the scalar's name. */
export type ScalarMapping = ReadonlyMap<string, string>;

export type TypeNames = {
  /** What to write where a value of this type stands; the type is then part of the module. */
  readonly nameOf: (type: GraphQLScalarType | GraphQLEnumType | GraphQLInputObjectType) => string;
  readonly enums: ReadonlyMap<string, GraphQLEnumType>;
  readonly inputs: ReadonlyMap<string, GraphQLInputObjectType>;
  /** Scalars that TypeScript does not have, with the type that stands for each. */
  readonly scalars: ReadonlyMap<string, { readonly scalar: GraphQLScalarType; readonly type: string }>;
};

const BUILT_INS: ScalarMapping = new Map([
  ["Int", "number"],
  ["Float", "number"],
  ["String", "string"],
  ["Boolean", "boolean"],
  ["ID", "string"],
]);

export function createTypeNames(mapping: ScalarMapping): TypeNames {
  const enums = new Map<string, GraphQLEnumType>();
  const inputs = new Map<string, GraphQLInputObjectType>();
  const scalars = new Map<string, { scalar: GraphQLScalarType; type: string }>();
  return {
    enums,
    inputs,
    scalars,
    nameOf: (type) => {
      const { name } = type;
      if (isEnumType(type)) enums.set(name, type);
      else if (isInputObjectType(type)) inputs.set(name, type);
      else {
        const builtIn = mapping.has(name) ? undefined : BUILT_INS.get(name);
        if (builtIn !== undefined) return builtIn;
        scalars.set(name, { scalar: type, type: mapping.get(name) ?? inJson(name) });
        return `Scalars[${JSON.stringify(name)}]`;
      }
      return name;
    },
  };
}

/** Every scalar of ours is a string in JSON, so that no digit is lost; JSON itself is anything. */
const inJson = (name: string): string => (isScalar(name) && name !== "JSON" ? "string" : "unknown");
