#!/usr/bin/env bun
import { environment } from "../config/environment.ts";
import type { Command } from "./command.ts";
import { breakers } from "./commands/breakers.ts";
import { check } from "./commands/check.ts";
import { compile } from "./commands/compile.ts";
import { deadLetters } from "./commands/dead-letters.ts";
import { dev } from "./commands/dev.ts";
import { events } from "./commands/events.ts";
import { explain } from "./commands/explain.ts";
import { generate } from "./commands/generate.ts";
import { introspect } from "./commands/introspect.ts";
import { jobs } from "./commands/jobs.ts";
import { migrate } from "./commands/migrate.ts";
import { queue } from "./commands/queue.ts";
import { rules } from "./commands/rules.ts";
import { serve } from "./commands/serve.ts";
import { status } from "./commands/status.ts";
import { workers } from "./commands/workers.ts";
import { runCommandLine } from "./run-command.ts";

/** In the order in which one comes to need them. */
const COMMANDS: readonly Command[] = [
  introspect,
  compile,
  check,
  dev,
  serve,
  explain,
  generate,
  migrate,
  workers,
  rules,
  events,
  jobs,
  deadLetters,
  queue,
  breakers,
  status,
];

process.exitCode = await runCommandLine(COMMANDS, process.argv.slice(2), {
  out: (line) => console.log(line),
  err: (line) => console.error(line),
  env: environment(),
});
