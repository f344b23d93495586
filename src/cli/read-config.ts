import { readConfigFile } from "../../routes/run-server.ts";
import { loadConfig } from "../config/load-config.ts";
import type { Config } from "../config/schema.ts";

/**
 * The configuration of a command: `fraiseql.toml` if it is there, and the environment.
 *
 * @throws FraiseqlError CONFIG_INVALID with every problem at once
 */
export async function readConfig(env: Readonly<Record<string, string | undefined>>): Promise<Config> {
  return loadConfig({ toml: await readConfigFile(env["FRAISEQL_CONFIG"]), env });
}
