import { type ParseArgsConfig, parseArgs } from "node:util";
import { FraiseqlError } from "../core/errors.ts";
import { nearestName } from "../core/nearest-name.ts";
import type { Command, CommandIo, ExitCode } from "./command.ts";
import { printError } from "./print-error.ts";

const COMMON_OPTIONS = { help: { type: "boolean", short: "h" }, json: { type: "boolean" } } as const;

/**
 * Runs the command that the first argument names and returns the exit code of the process.
 *
 * @param args the arguments after the program's own name
 */
export async function runCommandLine(
  commands: readonly Command[],
  args: readonly string[],
  io: CommandIo,
): Promise<ExitCode> {
  const [name, ...rest] = args;
  if (name === undefined) return printTo(io.err, overview(commands), 2);
  if (name === "--help" || name === "-h" || name === "help") return printTo(io.out, overview(commands), 0);
  const json = rest.includes("--json");
  try {
    const command = commandOf(commands, name);
    const { values, positionals } = parseArguments(command, rest);
    if (values["help"] === true) return printTo(io.out, usageOf(command), 0);
    return await command.run({ values, positionals, json }, io);
  } catch (error) {
    if (!(error instanceof FraiseqlError)) throw error;
    printError(error, { json }, io);
    return 2;
  }
}

function commandOf(commands: readonly Command[], name: string): Command {
  const command = commands.find((candidate) => candidate.name === name);
  if (command !== undefined) return command;
  const suggestion = nearestName(
    name,
    commands.map((candidate) => candidate.name),
  );
  const hint = suggestion === undefined ? "" : ` Did you mean ${suggestion}?`;
  throw new FraiseqlError("CONFIG_INVALID", `There is no command ${JSON.stringify(name)}.${hint} See: fraiseql --help`);
}

function parseArguments(command: Command, args: string[]) {
  const config = {
    args,
    options: { ...command.options, ...COMMON_OPTIONS },
    allowPositionals: true,
    strict: true,
  } satisfies ParseArgsConfig;
  try {
    return parseArgs(config);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    const unknown = /'--([^' ]+)'/.exec(message)?.[1];
    const nearest = unknown === undefined ? undefined : nearestName(unknown, Object.keys(config.options));
    const hint = nearest === undefined || nearest === unknown ? "" : ` Did you mean --${nearest}?`;
    const problem =
      unknown !== undefined && !(unknown in config.options) ? `There is no option --${unknown}.` : message;
    throw new FraiseqlError("CONFIG_INVALID", `${problem}${hint} See: fraiseql ${command.name} --help`, { cause });
  }
}

function overview(commands: readonly Command[]): string {
  const width = Math.max(...commands.map((command) => command.name.length));
  const lines = commands.map((command) => `  ${command.name.padEnd(width)}  ${command.summary}`);
  return ["fraiseql <command> [options]", "", ...lines, "", "fraiseql <command> --help says more about one."].join(
    "\n",
  );
}

function usageOf(command: Command): string {
  return [
    command.usage.trimEnd(),
    "",
    "  --json   print the result as one JSON value",
    "  --help   print this text",
    "",
    "Exit code: 0 done, 1 something is not in order, 2 the command could not run.",
  ].join("\n");
}

function printTo(write: (line: string) => void, text: string, code: ExitCode): ExitCode {
  write(text);
  return code;
}
