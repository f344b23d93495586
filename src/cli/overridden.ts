import type { Environment } from "../config/environment.ts";
import type { CommandInput } from "./command.ts";

/** The environment with options of a command in it, which win over it; those that were not given change nothing. */
export function overridden(env: Environment, options: CommandInput["values"]): Environment {
  const given = Object.entries(options).filter((each): each is [string, string] => typeof each[1] === "string");
  return { ...env, ...Object.fromEntries(given) };
}
