import { describe, expect, test } from "bun:test";
import {
  buildClientSchema,
  GraphQLSchema,
  getIntrospectionQuery,
  type IntrospectionQuery,
  printSchema,
  validateSchema,
} from "graphql";
import { type SampleName, sampleAvailable, sampleDatabase } from "../support/samples.ts";
import { extendGallery, GALLERY_SQL } from "./gallery.ts";
import { type Served, serve, serveDatabase } from "./served.ts";

const SCHEMAS: readonly [name: string, open: () => Promise<Served>][] = [
  ["gallery", () => serve("schema", GALLERY_SQL, { extend: extendGallery })],
  ["an empty database with one table without a key", () => serve("schema_min", "CREATE TABLE note (body text)")],
];
const SAMPLES: readonly SampleName[] = ["world", "sakila", "chinook"];

/** Everything an introspection query can ask for. */
const QUERY = getIntrospectionQuery({
  descriptions: true,
  specifiedByUrl: true,
  directiveIsRepeatable: true,
  schemaDescription: true,
  inputValueDeprecation: true,
  oneOf: true,
});

async function check(api: Served): Promise<void> {
  try {
    // The schema says of itself that it is valid, and then graphql-js does not look; this copy does not say so.
    const unproven = new GraphQLSchema({ ...api.operations.schema.toConfig(), assumeValid: false });
    expect(validateSchema(unproven).map(({ message }) => message)).toEqual([]);
    const introspection = (await api.data(QUERY)) as unknown as IntrospectionQuery;
    expect(printSchema(buildClientSchema(introspection))).toBe(printSchema(api.operations.schema));
    expect(api.statements()).toBe(0);
  } finally {
    await api.close();
  }
}

describe("the schema is valid, and full introspection rebuilds it without the database", () => {
  for (const [name, open] of SCHEMAS) test(name, async () => check(await open()));
  for (const name of SAMPLES) {
    test.skipIf(!sampleAvailable(name))(name, async () => check(await serveDatabase(await sampleDatabase(name))));
  }
});
