/**
 * Errors raised by the statement itself. PostgreSQL has no `raise` in expressions, so a cast of the marker text to an
 * integer fails with the marker in its message; the adapter reads the code from there. The clock keeps the planner from
 * evaluating the cast before a row needs it.
 */
import type { ErrorCode } from "../errors.ts";
import { type Fragment, literal, sql } from "./fragment.ts";

/** A text expression that fails with `code` about `subject` when it is evaluated. */
export function failWith(code: ErrorCode, subject: string): Fragment {
  return sql`(${literal(`fraiseql:${code}:${subject}:`)} || now()::text)::int4::text`;
}
