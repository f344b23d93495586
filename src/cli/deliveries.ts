/** What `jobs` and `dead-letters` have in common. */
import { FraiseqlError } from "../core/errors.ts";
import type { Attempt, Delivery, DeliveryFilter, DeliveryState } from "../ports/ledger.ts";
import type { CommandInput, CommandIo } from "./command.ts";
import { printError } from "./print-error.ts";
import { countOf, table, withOperating } from "./with-operating.ts";

const FILTER_OPTIONS = {
  org: { type: "string" },
  rule: { type: "string" },
  action: { type: "string" },
  event: { type: "string" },
  error: { type: "string" },
  limit: { type: "string" },
} as const;

export const FILTER_USAGE = `  --rule, --action, --org, --event   those of one rule, kind of action, org, or event
  --error                            those whose last error holds this text
  --limit                            how many at most; a list has 50 where it is not given`;

export const LIST_OPTIONS = { ...FILTER_OPTIONS, after: { type: "string" } } as const;
/** Of which deliveries something is done, they do not say. */
const FOR_LISTS = ["after", "state"];
export const LIST_USAGE = `  --after                            for lists: those that follow this id; a full list names it`;

const LISTED_MAX = 1_000;
/** What can be chosen at once, and is where no limit is given. */
const CHOSEN_MAX = 1_000_000;

/** Prints a page of the deliveries that the options ask for, of one state where it is given, and where the next one begins. */
export async function listDeliveries(input: CommandInput, io: CommandIo, state?: DeliveryState): Promise<0> {
  const limit = countOf(input.values, "limit", 50, LISTED_MAX);
  const filter = { ...filterOf(input), ...(state === undefined ? {} : { state }) };
  const { after } = input.values;
  const page = { limit, ...(typeof after === "string" && { after }) };
  const found = await withOperating(input, io, ({ deliveries }) => deliveries.list(filter, page));
  const next = found.length === limit ? found.at(-1)?.id : undefined;
  if (input.json) io.out(JSON.stringify({ deliveries: found, next }));
  else if (found.length === 0) io.out("none");
  else for (const line of table(found.map(row))) io.out(line);
  if (!input.json && next !== undefined) io.err(`These are ${limit}; older ones, if there are: --after ${next}`);
  return 0;
}

/** Prints one delivery with its attempts; 1 where there is none of that id. */
export async function showDelivery(input: CommandInput, io: CommandIo): Promise<0 | 1> {
  const id = oneId(input);
  const found = await withOperating(input, io, ({ deliveries }) => deliveries.show(id));
  if (found === undefined) {
    printError(new FraiseqlError("NOT_FOUND", `There is no delivery ${id}.`), input, io);
    return 1;
  }
  if (input.json) io.out(JSON.stringify(found));
  else {
    for (const line of table([row(found.delivery)])) io.out(line);
    for (const attempt of found.attempts) for (const line of attemptLines(attempt)) io.out(line);
  }
  return 0;
}

/** The deliveries named by ids or options; all of them only for `--all`. @throws FraiseqlError REQUEST_ERROR */
export function chosen(input: CommandInput): { readonly filter: DeliveryFilter; readonly limit: number } {
  const { positionals, values } = input;
  const forLists = FOR_LISTS.find((name) => values[name] !== undefined);
  if (forLists) throw new FraiseqlError("REQUEST_ERROR", `--${forLists} is for lists; nothing was done.`);
  const filter = { ...filterOf(input), ...(positionals.length === 0 ? {} : { ids: positionals }) };
  if (Object.keys(filter).length === 0 && values["all"] !== true) {
    throw new FraiseqlError("REQUEST_ERROR", "Say which: ids, --rule, --action, --org, --event or --error; or --all.");
  }
  return { filter, limit: countOf(values, "limit", CHOSEN_MAX, CHOSEN_MAX) };
}

/** Prints what was done to which, one a line; as JSON under the word for it. */
export function printIds(ids: readonly string[], done: string, input: CommandInput, io: CommandIo): 0 {
  if (input.json) io.out(JSON.stringify({ [done]: ids }));
  else io.out(ids.length === 0 ? `none ${done}` : ids.map((id) => `${done} ${id}`).join("\n"));
  return 0;
}

function filterOf({ values }: CommandInput): DeliveryFilter {
  const { org, rule, action, event, error } = values;
  return {
    ...(typeof org === "string" && { org }),
    ...(typeof rule === "string" && { ruleName: rule }),
    ...(typeof action === "string" && { actionKind: action }),
    ...(typeof event === "string" && { eventId: event }),
    ...(typeof error === "string" && { error }),
  };
}

function oneId({ positionals: [id] }: CommandInput): string {
  if (id === undefined)
    throw new FraiseqlError("REQUEST_ERROR", "Say which delivery: its id stands first in the lists.");
  return id;
}

function row({ id, state, actionKind, attempts, dueAt, lastError }: Delivery): readonly string[] {
  // A time that is over says nothing: the attempt is being made, or put off while its receiver is away.
  const isAhead = state === "open" && dueAt !== undefined && Date.parse(dueAt) > Date.now();
  const when = isAhead ? `again at ${dueAt}` : "";
  // What went wrong on the way to being done is with its attempts.
  const error = state === "done" ? "" : (lastError ?? "");
  return [id, state, actionKind, attemptsText(attempts), [when, error].filter(Boolean).join(" · ")];
}

export function attemptsText(attempts: number): string {
  return `${attempts} ${attempts === 1 ? "attempt" : "attempts"}`;
}

function attemptLines({ attempt, startedAt, durationMs, outcome, reason, facts, nextAt }: Attempt): readonly string[] {
  const status = facts.status === undefined ? "" : ` ${facts.status}`;
  const next = nextAt === undefined ? "" : ` · next at ${nextAt}`;
  const details = [facts.request, facts.response, facts.error].filter((text) => text !== undefined && text !== reason);
  return [
    `  ${attempt}. ${startedAt} ${Math.round(durationMs)} ms ${outcome}${status}${reason === undefined ? "" : ` · ${reason}`}${next}`,
    ...details.map((text) => `       ${text?.replaceAll("\n", "\n       ")}`),
  ];
}
