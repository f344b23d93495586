#!/usr/bin/env bun
import { environment } from "../config/environment.ts";
import { breakers } from "./breakers.ts";
import { check } from "./check.ts";
import type { Command } from "./command.ts";
import { compile } from "./compile.ts";
import { deadLetters } from "./dead-letters.ts";
import { dev } from "./dev.ts";
import { events } from "./events.ts";
import { explain } from "./explain.ts";
import { generate } from "./generate.ts";
import { introspect } from "./introspect.ts";
import { jobs } from "./jobs.ts";
import { migrate } from "./migrate.ts";
import { queue } from "./queue.ts";
import { rules } from "./rules.ts";
import { runCommandLine } from "./run-command.ts";
import { serve } from "./serve.ts";
import { status } from "./status.ts";
import { workers } from "./workers.ts";

const COMMANDS: readonly Command[] = [
  workers,
  rules,
  jobs,
  deadLetters,
  queue,
  breakers,
  status,
  introspect,
  compile,
  check,
  dev,
  serve,
  explain,
  generate,
  migrate,
  events,
];

process.exitCode = await runCommandLine(COMMANDS, process.argv.slice(2), {
  out: (line) => console.log(line),
  err: (line) => console.error(line),
  env: environment(),
});
