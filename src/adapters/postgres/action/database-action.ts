import type { Sql, TransactionSql } from "postgres";
import * as z from "zod/mini";
import { eventPayload } from "../../../core/events/event-payload.ts";
import { writeExactJson } from "../../../core/events/exact-json.ts";
import type { JsonObject } from "../../../core/events/json.ts";
import { boundedFacts } from "../../../core/jobs/bounded-facts.ts";
import { type OptionProblem, optionProblems } from "../../../core/jobs/option-problems.ts";
import { misplacedReferences } from "../../../core/secrets/misplaced-references.ts";
import type { Action, ActionInput, ActionOutcome } from "../../../ports/action.ts";
import { quotedName } from "../quoted-name.ts";

const PAYLOAD_MAX = 1_048_576;
/** Functions of PostgreSQL itself and of FraiseQL are no actions. */
const OWN_SCHEMAS = /^(pg_.*|information_schema|fraiseql)$/i;

const DATABASE_OPTIONS = z.strictObject({
  /** `schema.name`, as the catalog has it. */
  function: z.string().check(
    z.regex(/^[^."\0]{1,63}\.[^."\0]{1,63}$/, "expected a function such as public.on_city_changed"),
    z.refine((name) => !OWN_SCHEMAS.test(name.split(".")[0] ?? ""), "expected a function of a schema of your own"),
  ),
  /** A JSON text with templates; without it the event is given. */
  payload: z.optional(z.string().check(z.maxLength(PAYLOAD_MAX))),
});

/**
 * SQLSTATEs, or classes of them, after which the same call fails again: wrong values, broken constraints, a missing function,
 * an exception of the function itself. https://www.postgresql.org/docs/18/errcodes-appendix.html
 */
const PERMANENT = /^(0A|21|22|23(?!001|503)|3F|42|P0)/;

/**
 * Calls `function(payload jsonb, id text)` in a transaction that also notes the id, so that a delivery has one effect
 * however often it is attempted. What the function writes has the event as its cause.
 */
export function createDatabaseAction(sql: Sql): Action {
  return {
    kind: "database",
    templates: { payload: "json" },
    schema: z.toJSONSchema(DATABASE_OPTIONS, { io: "input" }),
    check,
    run: (input) => run(sql, input),
  };
}

function check(options: JsonObject): readonly OptionProblem[] {
  const elsewhere = "no function: it reads its own";
  return [
    ...optionProblems(DATABASE_OPTIONS, options),
    ...misplacedReferences(options, ["function", "payload"], elsewhere),
  ];
}

async function run(sql: Sql, input: ActionInput): Promise<ActionOutcome> {
  const read = DATABASE_OPTIONS.safeParse(input.options);
  if (!read.success) return permanent(optionProblems(DATABASE_OPTIONS, input.options)[0]?.message ?? "wrong options");
  const { function: name, payload = writeExactJson(eventPayload(input.event)) } = read.data;
  const request = `select ${name}(…)`;
  const over = Promise.withResolvers<never>();
  const leave = () => over.reject(input.signal.reason);
  input.signal.addEventListener("abort", leave, { once: true });
  try {
    input.signal.throwIfAborted();
    // A database that says nothing is not waited for; should the call have worked, the next attempt finds its id.
    const response = await Promise.race([sql.begin((within) => effect(within, name, payload, input)), over.promise]);
    return { kind: "done", facts: boundedFacts({ request, response }) };
  } catch (error) {
    return failed(error, request);
  } finally {
    input.signal.removeEventListener("abort", leave);
  }
}

/** What the function gave, as text. */
async function effect(sql: TransactionSql, name: string, payload: string, input: ActionInput): Promise<string> {
  const { id, event, traceparent, signal } = input;
  signal.throwIfAborted();
  const noted = await sql`insert into fraiseql.action_effects (id) values (${id}) on conflict do nothing returning 1`;
  if (noted.length === 0) return "It had been done by an earlier attempt.";
  await sql`
    select set_config('fraiseql.org', ${event.org ?? ""}, true), set_config('fraiseql.actor', ${event.actor ?? ""}, true),
      set_config('fraiseql.traceparent', ${traceparent ?? ""}, true), set_config('fraiseql.cause', ${event.id}, true)`;
  const [schema = "", own = ""] = name.split(".");
  const call = sql.unsafe<{ result: string | null }[]>(
    `select ${quotedName({ schema, name: own })}($1::text::jsonb, $2::text)::text as result`,
    [payload, id],
  );
  const cancel = () => call.cancel();
  signal.addEventListener("abort", cancel, { once: true });
  try {
    const [row] = await call;
    // Not to be committed when the attempt counts as failed already.
    signal.throwIfAborted();
    return row?.result ?? "";
  } finally {
    signal.removeEventListener("abort", cancel);
  }
}

function failed(error: unknown, request: string): ActionOutcome {
  const state = error instanceof Error && "code" in error ? String(error.code) : "";
  const message = error instanceof Error ? error.message : String(error);
  const facts = boundedFacts({ request, error: state === "" ? message : `${state}: ${message}` });
  const kind = /^[0-9A-Z]{5}$/.test(state) && PERMANENT.test(state) ? "permanent" : "retryable";
  return { kind, reason: facts.error, facts };
}

function permanent(reason: string): ActionOutcome {
  return { kind: "permanent", reason, facts: { error: reason } };
}
