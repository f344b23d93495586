/** `fraiseql events replay` and `fraiseql events refused`. */
import type { EventLog } from "../compose/event-log.ts";
import { FraiseqlError } from "../core/errors.ts";
import { type Replayed, replayEvents, replayPublished } from "../flows/events/replay-events.ts";
import type { CommandInput, CommandIo, ExitCode } from "./command.ts";

/** @throws FraiseqlError CONFIG_INVALID, BUS_UNAVAILABLE */
export async function replay(
  log: EventLog,
  ids: readonly string[],
  { values, json }: CommandInput,
  io: CommandIo,
): Promise<ExitCode> {
  const { table, since } = values;
  const isFiltered = table !== undefined || since !== undefined;
  if (isFiltered === ids.length > 0) {
    throw new FraiseqlError(
      "CONFIG_INVALID",
      "Take the ids of events, or --table and --since. See: fraiseql events --help",
    );
  }
  const parts = { outbox: log.outbox, bus: await log.bus() };
  const done = isFiltered
    ? await replayPublished(parts, filterOf({ table, since }, values))
    : await replayEvents(parts, ids);
  report(done, json, io);
  return done.unknown.length === 0 ? 0 : 1;
}

function filterOf({ table, since }: Pick<CommandInput["values"], "table" | "since">, values: CommandInput["values"]) {
  if (since !== undefined && Number.isNaN(Date.parse(String(since)))) {
    throw new FraiseqlError(
      "CONFIG_INVALID",
      `--since: expected a time such as 2026-01-02T03:04:05Z, got ${String(since)}.`,
    );
  }
  return {
    limit: countOf("limit", values, 1_000, 1_000_000),
    table: table === undefined ? undefined : String(table),
    since: since === undefined ? undefined : new Date(String(since)).toISOString(),
  };
}

function report({ published, unknown }: Replayed, json: boolean, io: CommandIo): void {
  if (json) {
    io.out(JSON.stringify({ published: published.length, unknown }));
    return;
  }
  for (const id of unknown) io.err(`${id} is not in the outbox, or not any more.`);
  io.out(`${published.length} ${published.length === 1 ? "event is" : "events are"} on the bus again.`);
}

/** What nobody understood, the newest first. */
export async function refused(log: EventLog, { values, json }: CommandInput, io: CommandIo): Promise<ExitCode> {
  const messages = await (await log.bus()).refused({ limit: countOf("last", values, 10, 10_000) });
  for (const message of messages) {
    io.out(
      json ? JSON.stringify(message) : `${message.id}  ${message.refusedAt}  ${message.subject}  ${message.reason}`,
    );
  }
  return 0;
}

/** @throws FraiseqlError CONFIG_INVALID */
export function countOf(
  name: "last" | "limit",
  values: CommandInput["values"],
  fallback: number,
  most: number,
): number {
  const count = Number(values[name] ?? fallback);
  if (Number.isInteger(count) && count >= 0 && count <= most) return count;
  throw new FraiseqlError(
    "CONFIG_INVALID",
    `--${name}: expected a whole number from 0 to ${most}, got ${String(values[name])}.`,
  );
}
