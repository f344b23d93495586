/** What keeps a value from the form that a schema says: each problem with its place, in words that say what to write. */
import type * as z from "zod/mini";
import { nearestName } from "./nearest-name.ts";

export type FormProblem = {
  /** Keys and indexes from the value down. */
  readonly path: readonly (string | number)[];
  readonly message: string;
  /** The one that nobody knows, of the object at the path. */
  readonly key?: string;
  /** The key that was probably meant. */
  readonly suggestion?: string;
};

/**
 * All that is wrong with it, each key that nobody knows by itself; empty where the value fits.
 *
 * @param what - what a key of the form is called: "option", "key"
 */
export function formProblems(schema: z.ZodMiniType, value: unknown, what: string): readonly FormProblem[] {
  const issues = schema.safeParse(value).error?.issues ?? [];
  const mistyped = new Set(issues.filter(({ code }) => code === "invalid_type").map(placeOf));
  return issues.flatMap((issue): readonly FormProblem[] => {
    // Of a value of another type, what else it lacks says nothing more.
    if (issue.code !== "invalid_type" && mistyped.has(placeOf(issue))) return [];
    const path = issue.path.map((step) => (typeof step === "number" ? step : String(step)));
    if (issue.code !== "unrecognized_keys") return [{ path, message: messageOf(issue) }];
    const known = knownKeys(schema, path);
    return issue.keys.map((key) => {
      const suggestion = nearestName(key, known);
      const message = `there is no ${what} ${key}`;
      if (suggestion === undefined) return { path, key, message };
      return { path, key, message: `${message}; did you mean ${suggestion}?`, suggestion };
    });
  });
}

const placeOf = ({ path }: z.core.$ZodIssue): string => JSON.stringify(path);

/** Keys of the object at that place; none where the value decides which they are. */
function knownKeys(schema: object, path: readonly (string | number)[]): readonly string[] {
  const { shape, def } = schema as { readonly shape?: Record<string, object>; readonly def?: { innerType?: object } };
  if (def?.innerType) return knownKeys(def.innerType, path);
  const [step, ...rest] = path;
  if (step === undefined) return Object.keys(shape ?? {});
  const inner = shape?.[step];
  return inner ? knownKeys(inner, rest) : [];
}

function messageOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return issue.message.startsWith("expected") ? issue.message : `expected ${issue.expected}`;
    case "invalid_value":
      return `expected one of ${issue.values.map((value) => JSON.stringify(value)).join(", ")}`;
    case "too_small":
      return `expected at least ${issue.minimum}${unitOf(issue.origin)}`;
    case "too_big":
      return `expected at most ${issue.maximum}${unitOf(issue.origin)}`;
    case "invalid_key":
      return issue.issues[0]?.message ?? issue.message;
    default:
      return issue.message;
  }
}

function unitOf(origin: string): string {
  return { string: " characters", array: " entries", record: " entries" }[origin] ?? "";
}
