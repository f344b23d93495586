#!/usr/bin/env bun
import { environment } from "../config/environment.ts";
import type { Command } from "./command.ts";
import { runCommandLine } from "./run-command.ts";

const COMMANDS: readonly Command[] = [];

process.exitCode = await runCommandLine(COMMANDS, process.argv.slice(2), {
  out: (line) => console.log(line),
  err: (line) => console.error(line),
  env: environment(),
});
