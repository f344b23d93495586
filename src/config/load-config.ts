/** From a TOML text and environment variables to a checked configuration. */
import { parse, TomlError } from "smol-toml";
import { FraiseqlError } from "../core/errors.ts";
import { checkedConfig, type Sections } from "./checked-config.ts";
import type { Environment } from "./environment.ts";
import type { Config } from "./schema.ts";

export type ConfigInput = {
  /** The text of the configuration file; absent when there is none. */
  readonly toml?: string | undefined;
  readonly env: Environment;
};

/** @throws FraiseqlError CONFIG_INVALID, its message one line per problem */
export function loadConfig({ toml, env }: ConfigInput): Config {
  return checkedConfig(toml === undefined ? {} : parseToml(toml), env);
}

function parseToml(text: string): Sections {
  try {
    return parse(text);
  } catch (cause) {
    const at = cause instanceof TomlError ? `line ${cause.line}, column ${cause.column}: ` : "";
    const why = cause instanceof Error ? cause.message.split("\n")[0] : String(cause);
    throw new FraiseqlError("CONFIG_INVALID", `The configuration file is not TOML: ${at}${why}`, { cause });
  }
}
