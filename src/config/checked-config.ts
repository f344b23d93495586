/** From sections and environment variables to a checked configuration, or to everything that is wrong with them. */
import type * as z from "zod/mini";
import { FraiseqlError } from "../core/errors.ts";
import { nearestName } from "../core/nearest-name.ts";
import type { Environment } from "./environment.ts";
import { environmentKeys } from "./environment-keys.ts";
import { CONFIG, type Config } from "./schema.ts";

/** What a configuration file holds. */
export type Sections = Record<string, unknown>;

/** Of this prefix only known variables are accepted, but for those that tests and start scripts read. */
const PREFIX = "FRAISEQL_";
/** Settings that hold a password or a token, or may: their values are never repeated. */
const SECRET = /(url|token|authorization|password|credentials)$/i;
const FOREIGN = /^FRAISEQL_(CONFIG|SAMPLES|TEST_.*)$/;

/** @throws FraiseqlError CONFIG_INVALID, its message one line per problem */
export function checkedConfig(sections: Sections, env: Environment): Config {
  const { sources, problems } = override(sections, env);
  const result = CONFIG.safeParse(sections);
  if (result.success && problems.length === 0) return result.data;
  const lines = [...problems, ...(result.error?.issues ?? []).flatMap((issue) => describe(issue, sections, sources))];
  throw new FraiseqlError(
    "CONFIG_INVALID",
    `The configuration is not valid:\n${lines.map((l) => `  ${l}`).join("\n")}`,
  );
}

/** Writes the values of the environment into `sections`; `sources` says which variable gave which key. */
function override(sections: Sections, env: Environment) {
  const sources = new Map<string, string>();
  const keys = environmentKeys();
  for (const { variable, section, key } of keys) {
    const value = env[variable];
    if (value === undefined || value === "") continue;
    sections[section] ??= {};
    const values = sections[section];
    if (typeof values !== "object" || values === null) continue;
    (values as Sections)[key] = typed(section, key, value);
    sources.set(`${section}.${key}`, variable);
  }
  const known = keys.map(({ variable }) => variable);
  const problems = Object.keys(env)
    .filter((name) => name.startsWith(PREFIX) && !FOREIGN.test(name) && !known.includes(name))
    .map((name) => `there is no setting for the environment variable ${name}${suggestion(name, known)}`);
  return { sources, problems };
}

/** The environment knows only text: a number, a truth value or a list is made where the key wants one. */
function typed(section: string, key: string, value: string): unknown {
  const schema = CONFIG.shape[section as keyof Config].def.innerType.shape as Record<string, z.ZodMiniType>;
  const wants = (other: unknown) => schema[key]?.safeParse(other).success === true;
  if (wants([])) {
    const parts = value.split(",").map((part) => part.trim());
    const numbers = parts.map(Number);
    return !wants(parts) && wants(numbers) ? numbers : parts;
  }
  if (/^-?\d+$/.test(value) && !wants(value)) return Number(value);
  if ((value === "true" || value === "false") && wants(value === "true")) return value === "true";
  return value;
}

function describe(issue: z.core.$ZodIssue, sections: Sections, sources: ReadonlyMap<string, string>): string[] {
  const path = issue.path.join(".");
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => {
      const full = path === "" ? key : `${path}.${key}`;
      return `there is no setting ${full}${suggestion(key, knownKeys(path))}`;
    });
  }
  const given = issue.path.reduce<unknown>((value, key) => (value as Sections | undefined)?.[key as string], sections);
  const source = sources.get(path);
  const got = given === undefined ? "nothing" : SECRET.test(path) ? "something else" : JSON.stringify(given);
  return [`${path}: ${wanted(issue)}, got ${got}${source ? ` from ${source}` : ""}`];
}

function knownKeys(section: string): string[] {
  if (section === "") return Object.keys(CONFIG.shape);
  return Object.keys(CONFIG.shape[section as keyof Config]?.def.innerType.shape ?? {});
}

function wanted(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "too_small":
      return `expected at least ${issue.minimum}`;
    case "too_big":
      return `expected at most ${issue.maximum}`;
    case "invalid_value":
      return `expected one of ${issue.values.map((value) => JSON.stringify(value)).join(", ")}`;
    case "invalid_type":
      return issue.message.startsWith("expected") ? issue.message : `expected ${issue.expected}`;
    default:
      return issue.message;
  }
}

function suggestion(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known);
  return nearest === undefined ? "" : `; did you mean ${nearest}?`;
}
