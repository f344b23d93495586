import * as z from "zod/mini";
import type { JsonObject } from "../../core/events/json.ts";
import { boundedFacts, cutText } from "../../core/jobs/bounded-facts.ts";
import { optionProblems } from "../../core/jobs/option-problems.ts";
import { misplacedReferences } from "../../core/secrets/misplaced-references.ts";
import type { Action, ActionInput } from "../../ports/action.ts";

const MESSAGE_BYTES_MAX = 4_096;

const LOG_OPTIONS = z.strictObject({
  message: z.string().check(z.minLength(1), z.maxLength(MESSAGE_BYTES_MAX)),
  level: z._default(z.enum(["info", "warn", "error"]), "info"),
});

export type LogActionOptions = {
  /** Takes one line, without its end; resolves when it is written. */
  readonly write: (line: string) => void | Promise<void>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
};

/** Writes one line of JSON per attempt to the worker's log. */
export function createLogAction({ write, now }: LogActionOptions): Action {
  return {
    kind: "log",
    templates: { message: "text" },
    schema: z.toJSONSchema(LOG_OPTIONS, { io: "input" }),
    check: (options) => [
      ...optionProblems(LOG_OPTIONS, options),
      ...misplacedReferences(options, ["message"], "no line of a log"),
    ],
    run: async ({ options, ...input }) => {
      const read = LOG_OPTIONS.safeParse(cut(options));
      if (!read.success) {
        const reason = optionProblems(LOG_OPTIONS, options)[0]?.message ?? "wrong options";
        return { kind: "permanent", reason, facts: { error: reason } };
      }
      try {
        input.signal.throwIfAborted();
        await write(lineOf(read.data, input, now()));
        return { kind: "done", facts: {} };
      } catch (error) {
        const facts = boundedFacts({ error: error instanceof Error ? error.message : String(error) });
        return { kind: "retryable", reason: facts.error, facts };
      }
    },
  };
}

/** A template may have made the message longer than it may be, or left nothing of it. */
function cut(options: JsonObject): JsonObject {
  const { message } = options;
  return typeof message === "string" ? { ...options, message: cutText(message, MESSAGE_BYTES_MAX) || "-" } : options;
}

function lineOf(
  { level, message }: z.infer<typeof LOG_OPTIONS>,
  { id, event, rule, traceparent }: Omit<ActionInput, "options">,
  now: number,
): string {
  const { table, operation, org } = event;
  const time = new Date(now).toISOString();
  const from = { rule: rule.name, id, org, table, operation, traceparent };
  return JSON.stringify({ time, level, kind: "rule-message", ...from, message });
}
