import { openEventLog } from "../compose/event-log.ts";
import { type OperatingInput, openOperating } from "../compose/operating.ts";
import { readConfig } from "../config/config-file.ts";
import type { Config } from "../config/schema.ts";
import { FraiseqlError } from "../core/errors.ts";
import { writeExactJson } from "../core/events/exact-json.ts";
import { ExactNumber, type JsonObject, type JsonValue } from "../core/events/json.ts";
import { eventIdOf } from "../core/events/replay-id.ts";
import type { ShownEvent, ShownPublication } from "../flows/events/show-event.ts";
import type { CommandInput, CommandIo, ExitCode } from "./command.ts";
import { attemptsText } from "./deliveries.ts";
import { readIfThere } from "./files.ts";
import { errorJson } from "./print-error.ts";

/** `fraiseql events show`: events with what the rules said of them, where there is a compiled schema that rules are of. */
export async function showEvents(ids: readonly string[], input: CommandInput, io: CommandIo): Promise<ExitCode> {
  const config = await readConfig(io.env);
  const artifact = await readIfThere(config.artifact.path);
  const shown = artifact === undefined ? await alone(config, ids) : await decided({ config, artifact }, ids);
  let code: ExitCode = 0;
  for (const [at, found] of shown.entries()) {
    if (found === undefined) {
      const message = `${ids[at]} is not in the outbox, or not any more.`;
      if (input.json) io.out(errorJson(new FraiseqlError("NOT_FOUND", message)));
      else io.err(message);
      code = 1;
    } else if (input.json) io.out(writeExactJson(found as unknown as JsonObject));
    else for (const line of linesOf(found)) io.out(line);
  }
  return code;
}

type Shown = Pick<ShownEvent, "event"> & Partial<ShownEvent>;

async function alone(config: Config, ids: readonly string[]): Promise<readonly (Shown | undefined)[]> {
  const { outbox, close } = openEventLog(config);
  try {
    const events = await Promise.all(ids.map((id) => outbox.event(eventIdOf(id))));
    return events.map((event) => event && { event });
  } finally {
    await close();
  }
}

async function decided(input: OperatingInput, ids: readonly string[]): Promise<readonly (Shown | undefined)[]> {
  const operating = await openOperating(input);
  try {
    return await Promise.all(ids.map((id) => operating.events.show(id)));
  } finally {
    await operating.close();
  }
}

function linesOf({ event, decisions, replays = [], ...first }: Shown): readonly string[] {
  const head = indented(event as unknown as JsonObject);
  if (decisions === undefined) return [head];
  return [
    head,
    ...publicationLines("rules", { deliveries: [], ...first, decisions }),
    ...replays.flatMap(({ replay, ...publication }) => publicationLines(`replay ${replay}`, publication)),
  ];
}

function publicationLines(title: string, { decided, decisions, deliveries }: ShownPublication): readonly string[] {
  const at = decided === undefined ? "not decided" : `decided at ${decided.at} by version ${decided.rulesVersion}`;
  // Before a decision it is what the rules would say now.
  const [yes, no] = decided === undefined ? ["would match", "would not match"] : ["matched", "no"];
  return [
    `${title}  ${at}`,
    ...decisions.map(
      ({ rule, version, matched, reason }) => `  ${rule}@${version}  ${matched ? yes : `${no}: ${reason ?? ""}`}`,
    ),
    ...deliveries.map(
      ({ id, actionKind, state, attempts }) => `  ${id}  ${actionKind}  ${state}, ${attemptsText(attempts)}`,
    ),
  ];
}

/** Like `JSON.stringify(value, null, 2)`, with all digits of numbers. */
function indented(value: JsonValue, margin = ""): string {
  if (typeof value !== "object" || value === null || value instanceof ExactNumber) return writeExactJson(value);
  const inner = `${margin}  `;
  const isList = Array.isArray(value);
  const parts = Object.entries(value).map(
    ([name, each]) => `${inner}${isList ? "" : `${JSON.stringify(name)}: `}${indented(each, inner)}`,
  );
  const [open, close] = isList ? "[]" : "{}";
  return parts.length === 0 ? `${open}${close}` : `${open}\n${parts.join(",\n")}\n${margin}${close}`;
}
