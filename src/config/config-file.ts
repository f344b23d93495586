import { readFile } from "node:fs/promises";
import { FraiseqlError } from "../core/errors.ts";
import type { Environment } from "./environment.ts";
import { loadConfig } from "./load-config.ts";
import type { Config } from "./schema.ts";

const CONFIG_FILE = "fraiseql.toml";

/**
 * The configuration of this process: `fraiseql.toml` if it is there, or the file `FRAISEQL_CONFIG` names, and the
 * environment.
 *
 * @throws FraiseqlError CONFIG_INVALID with every problem at once
 */
export async function readConfig(env: Environment): Promise<Config> {
  return loadConfig({ toml: await readConfigFile(env), env });
}

/** The text of the configuration file; undefined when none is named and there is none. */
export async function readConfigFile(env: Environment): Promise<string | undefined> {
  const named = env["FRAISEQL_CONFIG"];
  const path = named ?? CONFIG_FILE;
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    if (named === undefined && cause instanceof Error && "code" in cause && cause.code === "ENOENT") return undefined;
    throw new FraiseqlError("CONFIG_INVALID", `The configuration file ${path} cannot be read.`, { cause });
  }
}
