import { type Operating, openOperating } from "../compose/operating.ts";
import { readConfig } from "../config/config-file.ts";
import { FraiseqlError } from "../core/errors.ts";
import type { CommandInput, CommandIo } from "./command.ts";
import { overridden } from "./overridden.ts";
import { readArtifact } from "./read-artifact.ts";

/** `--config` of every command that looks at a running system. */
export const CONFIG_OPTION = { config: { type: "string" } } as const;
export const CONFIG_USAGE = "  --config   the configuration file; fraiseql.toml is read if it is there";

/** Opens what the configuration names, does the work, and closes it again. */
export async function withOperating<T>(
  { values }: CommandInput,
  io: CommandIo,
  work: (operating: Operating) => Promise<T>,
): Promise<T> {
  const config = await readConfig(overridden(io.env, { FRAISEQL_CONFIG: values["config"] }));
  const operating = await openOperating({ config, artifact: await readArtifact(config.artifact.path) });
  try {
    return await work(operating);
  } finally {
    await operating.close();
  }
}

/** The option as a count. @throws FraiseqlError CONFIG_INVALID */
export function countOf(values: CommandInput["values"], name: string, fallback: number, most: number): number {
  const given = values[name];
  if (given === undefined) return fallback;
  const count = Number(given);
  if (Number.isInteger(count) && count >= 1 && count <= most) return count;
  throw new FraiseqlError(
    "CONFIG_INVALID",
    `--${name}: expected a whole number from 1 to ${most}, got ${String(given)}.`,
  );
}

/** Cells in columns as wide as they need; the last is as long as it is. */
export function table(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = rows.reduce<number[]>((all, row) => row.map((cell, at) => Math.max(all[at] ?? 0, cell.length)), []);
  return rows.map((row) =>
    row
      .map((cell, at) => (at === row.length - 1 ? cell : cell.padEnd((widths[at] ?? 0) + 2)))
      .join("")
      .trimEnd(),
  );
}

export type Subcommand = (input: CommandInput, io: CommandIo) => Promise<0 | 1 | 2>;

/** Runs what the first word names, with the words after it. @throws FraiseqlError REQUEST_ERROR */
export function runSubcommand(
  command: string,
  subcommands: Readonly<Record<string, Subcommand>>,
  { positionals: [name, ...rest], ...input }: CommandInput,
  io: CommandIo,
): Promise<0 | 1 | 2> {
  const subcommand = name === undefined || !Object.hasOwn(subcommands, name) ? undefined : subcommands[name];
  if (subcommand === undefined) {
    const known = Object.keys(subcommands).join(", ");
    throw new FraiseqlError(
      "REQUEST_ERROR",
      `fraiseql ${command} wants one of: ${known}. See: fraiseql ${command} --help`,
    );
  }
  return subcommand({ ...input, positionals: rest }, io);
}
