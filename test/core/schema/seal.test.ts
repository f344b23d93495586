import { describe, expect, test } from "bun:test";
import { digest } from "../../../src/adapters/web-crypto/digest.ts";
import { FraiseqlError } from "../../../src/core/errors.ts";
import { canonicalJson, openArtifact, sealArtifact } from "../../../src/core/schema/seal.ts";
import { schema } from "../../types/rental-schema.ts";

const sdl = "type Query { films: [Film!]! }";
const sealed = () => sealArtifact({ ...schema, sdl }, digest);

async function refusal(text: string): Promise<string> {
  try {
    await openArtifact(text, digest);
  } catch (error) {
    if (error instanceof FraiseqlError && error.code === "ARTIFACT_INVALID") return error.message;
    throw error;
  }
  return "accepted";
}

describe("an artifact", () => {
  test("opens as it was sealed", async () => {
    const artifact = await openArtifact(await sealed(), digest);
    expect(artifact).toMatchObject({ formatVersion: 1, sdl });
    expect(artifact.contentHash).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(canonicalJson(artifact.model)).toBe(canonicalJson(schema.model));
  });

  test("has the same bytes for the same schema, in whatever order its keys were made", async () => {
    const reversed = JSON.parse(JSON.stringify(schema.model), (_, value) =>
      typeof value === "object" && value !== null && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).reverse())
        : value,
    );
    expect(await sealArtifact({ ...schema, model: reversed, sdl }, digest)).toBe(await sealed());
  });

  test("may be written with other spaces", async () => {
    const spaced = JSON.stringify(JSON.parse(await sealed()), null, 2);
    expect((await openArtifact(spaced, digest)).sdl).toBe(sdl);
  });

  test("is refused when anything in it was changed", async () => {
    const text = await sealed();
    for (const changed of [
      text.replace('"Film"', '"Movie"'),
      text.replace("films:", "movies:"),
      text.replace("true", "false"),
    ]) {
      expect(changed).not.toBe(text);
      expect(await refusal(changed)).toContain(
        "cut or changed after it was compiled. Compile it again: fraiseql compile",
      );
    }
  });

  test("is refused when it is of another format, incomplete, or no artifact", async () => {
    const text = await sealed();
    expect(await refusal(text.replace('"formatVersion":1', '"formatVersion":2'))).toContain(
      "format is 2, and this version of FraiseQL reads format 1",
    );
    expect(await refusal(text.slice(0, 1_000))).toContain("not JSON");
    expect(await refusal("[]")).toContain("not a JSON object");
    expect(await refusal("{}")).toContain("format is none");
    const { sdl: _, ...rest } = JSON.parse(text);
    expect(await refusal(JSON.stringify(rest))).toContain("has no sdl");
  });
});
