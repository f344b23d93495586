import type { ParseArgsConfig } from "node:util";
import type { Environment } from "../config/environment.ts";

/** 0: done. 1: the thing asked about is not in order (a difference, a refused schema). 2: the command could not run. */
export type ExitCode = 0 | 1 | 2;

/** The options of a command, as `node:util` `parseArgs` takes them. */
export type CommandOptions = NonNullable<ParseArgsConfig["options"]>;

export type CommandInput = {
  /** Options by name, as `parseArgs` returns them. */
  readonly values: Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>;
  readonly positionals: readonly string[];
  /** `--json` was given: the result goes to `out` as one JSON value and nothing else does. */
  readonly json: boolean;
};

/** What a command may touch of the process around it. */
export type CommandIo = {
  /** Writes a line to standard output: the result. */
  out(line: string): void;
  /** Writes a line to standard error: progress, notes, problems. */
  err(line: string): void;
  readonly env: Environment;
};

/**
 * One command of the command line: one file in `src/cli`, listed in `main.ts`. `--help` and `--json` belong to all of
 * them and are not listed in `options`.
 */
export type Command = {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** The text of `--help`: first line the call, then what every option means. */
  readonly usage: string;
  readonly options: CommandOptions;
  /** Expected failures are thrown as `FraiseqlError`; `main` prints them with their code. */
  run(input: CommandInput, io: CommandIo): Promise<ExitCode>;
};
