import process from "node:process";
import { type EventLog, openEventLog } from "../../compose/event-log.ts";
import { readConfig } from "../../config/config-file.ts";
import { FraiseqlError } from "../../core/errors.ts";
import type { ChangeEvent } from "../../core/events/change-event.ts";
import { writeExactJson } from "../../core/events/exact-json.ts";
import type { JsonObject } from "../../core/events/json.ts";
import { tailEvents } from "../../flows/events/tail-events.ts";
import type { Command, CommandInput, CommandIo, ExitCode } from "../command.ts";
import { countOf, refused, replay } from "../replayed-events.ts";
import { showEvents } from "../shown-events.ts";

export const events: Command = {
  name: "events",
  summary: "show the changes of observed tables, and publish them again",
  usage: `fraiseql events tail [--table schema.table] [--last 10] [--once]
fraiseql events show <id…>
fraiseql events replay <id…> | [--table schema.table] [--since <time>] [--limit 1000]
fraiseql events refused [--last 10]

Reads the outbox of the database that FRAISEQL_DATABASE_OWNER_URL names, or else DATABASE_URL, and the bus that is configured.

  tail      the newest published events, and every one that is published from then on
  show      events by their ids, the rules that matched, why others did not, and what came of it; so for each replay
  replay    publishes events again, under ids of their own: rules decide on them anew
  refused   messages of the bus that no dispatcher understood, with the reason

  --table   events of this table alone
  --last    so many are shown before it waits for more, 0 to 10000
  --once    does not wait for more
  --since   events that were written at or after the time, for example 2026-01-02T03:04:05Z
  --limit   so many are published again at most, the oldest first`,
  options: {
    table: { type: "string" },
    last: { type: "string" },
    once: { type: "boolean" },
    since: { type: "string" },
    limit: { type: "string" },
  },
  async run(input, io) {
    const [what = "", ...ids] = input.positionals;
    const isKnown =
      what === "show" ? ids.length > 0 : what === "replay" || (["tail", "refused"].includes(what) && ids.length === 0);
    if (!isKnown) {
      throw new FraiseqlError(
        "CONFIG_INVALID",
        "Take tail, show and ids, replay, or refused. See: fraiseql events --help",
      );
    }
    if (what === "show") return showEvents(ids, input, io);
    const log = openEventLog(await readConfig(io.env));
    try {
      if (what === "tail") return await tail(log, input, io);
      return what === "replay" ? await replay(log, ids, input, io) : await refused(log, input, io);
    } finally {
      await log.close();
    }
  },
};

async function tail(log: EventLog, { values, json }: CommandInput, io: CommandIo): Promise<ExitCode> {
  const last = countOf("last", values, 10, 10_000);
  const table = typeof values["table"] === "string" ? values["table"] : undefined;
  const over = new AbortController();
  process.once("SIGINT", () => over.abort()).once("SIGTERM", () => over.abort());
  const options = { table, last, isBounded: values["once"] === true, signal: over.signal };
  for await (const event of tailEvents(log, options)) io.out(json ? textOf(event) : lineOf(event));
  return 0;
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
