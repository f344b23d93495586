/** Writing and opening `schema.compiled.json`. The same model, catalog and SDL give the same bytes. */
import { FraiseqlError } from "../errors.ts";
import { type Artifact, FORMAT_VERSION } from "./artifact.ts";

/** SHA-256 in hexadecimal of a text's UTF-8 bytes; core has none of its own. */
export type Digest = (text: string) => Promise<string>;

/** The text of the artifact: one line of JSON with sorted keys, behind a head with its format and hash. */
export async function sealArtifact(
  { model, catalog, sdl }: Pick<Artifact, "model" | "catalog" | "sdl">,
  digest: Digest,
): Promise<string> {
  const body = { formatVersion: FORMAT_VERSION, model, catalog, sdl };
  const contentHash = `sha256:${await digest(canonicalJson(body))}`;
  const head = `{"formatVersion":${FORMAT_VERSION},"contentHash":${JSON.stringify(contentHash)}`;
  return `${head},"catalog":${canonicalJson(catalog)},"model":${canonicalJson(model)},"sdl":${JSON.stringify(sdl)}}\n`;
}

/**
 * Reads an artifact and proves that it is whole.
 *
 * @throws FraiseqlError `ARTIFACT_INVALID`, with what to do
 */
export async function openArtifact(text: string, digest: Digest): Promise<Artifact> {
  const value = readJson(text);
  if (value["formatVersion"] !== FORMAT_VERSION) {
    const found = JSON.stringify(value["formatVersion"]) ?? "none";
    throw invalid(`The artifact's format is ${found}, and this version of FraiseQL reads format ${FORMAT_VERSION}.`);
  }
  const { contentHash, ...body } = value;
  for (const key of ["model", "catalog", "sdl"]) {
    if (!(key in body)) throw invalid(`The artifact has no ${key}.`);
  }
  if (contentHash !== `sha256:${await digest(canonicalJson(body))}`) {
    throw invalid("The artifact's content is not what its hash says: it was cut or changed after it was compiled.");
  }
  return value as Artifact;
}

function readJson(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch (cause) {
    throw invalid("The artifact is not JSON.", cause);
  }
  throw invalid("The artifact is not a JSON object.");
}

const REMEDY = "Compile it again: fraiseql compile schema.ts --out schema.compiled.json";

function invalid(what: string, cause?: unknown): FraiseqlError {
  return new FraiseqlError("ARTIFACT_INVALID", `${what} ${REMEDY}`, cause === undefined ? {} : { cause });
}

/** JSON with the keys of every object in the order of their code units, and without those that are undefined. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  entries.sort(([left], [right]) => (left < right ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(",")}}`;
}
