import process from "node:process";
import { openEventLog } from "../compose/event-log.ts";
import { readConfig } from "../config/config-file.ts";
import { FraiseqlError } from "../core/errors.ts";
import type { ChangeEvent } from "../core/events/change-event.ts";
import { writeExactJson } from "../core/events/exact-json.ts";
import type { JsonObject } from "../core/events/json.ts";
import { tailEvents } from "../flows/tail-events.ts";
import type { Command, CommandInput, CommandIo, ExitCode } from "./command.ts";

export const events: Command = {
  name: "events",
  summary: "show the changes of observed tables",
  usage: `fraiseql events tail [--table schema.table] [--last 10] [--once]
fraiseql events show <id…>

Reads the outbox of the database that FRAISEQL_DATABASE_OWNER_URL names, or else DATABASE_URL.

  tail      the newest published events, and every one that is published from then on
  show      events by their ids, with all there is in them

  --table   events of this table alone
  --last    so many are shown before it waits for more, 0 to 10000
  --once    does not wait for more`,
  options: { table: { type: "string" }, last: { type: "string" }, once: { type: "boolean" } },
  async run(input, io) {
    const [what, ...ids] = input.positionals;
    if (what === "tail" && ids.length === 0) return tail(input, io);
    if (what === "show" && ids.length > 0) return show(ids, input, io);
    throw new FraiseqlError(
      "CONFIG_INVALID",
      "Take `events tail`, or `events show` and ids. See: fraiseql events --help",
    );
  },
};

async function tail({ values, json }: CommandInput, io: CommandIo): Promise<ExitCode> {
  const last = Number(values["last"] ?? 10);
  if (!Number.isInteger(last) || last < 0 || last > 10_000) {
    throw new FraiseqlError(
      "CONFIG_INVALID",
      `--last: expected a whole number from 0 to 10000, got ${values["last"]}.`,
    );
  }
  const table = typeof values["table"] === "string" ? values["table"] : undefined;
  const over = new AbortController();
  process.once("SIGINT", () => over.abort()).once("SIGTERM", () => over.abort());
  const log = openEventLog(await readConfig(io.env));
  try {
    const options = { table, last, isBounded: values["once"] === true, signal: over.signal };
    for await (const event of tailEvents(log, options)) io.out(json ? textOf(event) : lineOf(event));
    return 0;
  } finally {
    await log.close();
  }
}

async function show(ids: readonly string[], { json }: CommandInput, io: CommandIo): Promise<ExitCode> {
  const log = openEventLog(await readConfig(io.env));
  try {
    let code: ExitCode = 0;
    for (const id of ids) {
      const event = await log.outbox.event(id);
      if (event) io.out(json ? textOf(event) : JSON.stringify(JSON.parse(textOf(event)), null, 2));
      else {
        io.err(`${id} is not in the outbox, or not any more.`);
        code = 1;
      }
    }
    return code;
  } finally {
    await log.close();
  }
}

const textOf = (event: ChangeEvent) => writeExactJson(event as unknown as JsonObject);

/** `<id>  <when>  update public.cities [7]  population 10 → 11`. */
function lineOf(event: ChangeEvent): string {
  const head = `${event.id}  ${event.occurredAt}  ${event.operation} ${event.table} ${event.key}`;
  const what = event.operation === "truncate" ? "" : whatChanged(event);
  return what === "" ? head : `${head}  ${what}`;
}

function whatChanged({ before, after, spilled }: ChangeEvent): string {
  if (spilled) return "(too large to show)";
  if (before === null || after === null) return writeExactJson(after ?? before ?? "");
  const names = Object.keys(after).filter(
    (name) => writeExactJson(before[name] ?? null) !== writeExactJson(after[name] ?? null),
  );
  return names
    .map((name) => `${name} ${writeExactJson(before[name] ?? null)} → ${writeExactJson(after[name] ?? null)}`)
    .join(", ");
}
