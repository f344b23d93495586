/**
 * What is asked of `fraiseql.idempotency_keys`. The lock lasts as long as the transaction, so that a second request with the
 * key finds it taken; the lookup is a statement after it, lest it reads what was there before the lock was free.
 */
import type { Statement } from "./statement.ts";

export type IdempotencyKey = { readonly org: string; readonly key: string };

/** Rows that one request clears away at most, of those that have expired. */
const CLEARED_MAX = 100;

/** `t` where no other transaction holds the key. */
export function lockKey({ org, key }: IdempotencyKey): Statement {
  return { text: "select pg_try_advisory_xact_lock(hashtextextended($1 || ' ' || $2, 7311))", values: [org, key] };
}

/** One row of fingerprint and answer, or none; expired rows go. */
export function findKey({ org, key }: IdempotencyKey): Statement {
  return {
    text: `with expired as (
  delete from fraiseql.idempotency_keys where (org, key) in (
    select org, key from fraiseql.idempotency_keys where expires_at <= now()
    order by org <> $1 or key <> $2, expires_at limit ${CLEARED_MAX} for update skip locked))
select fingerprint, answer from fraiseql.idempotency_keys where org = $1 and key = $2 and expires_at > now()`,
    values: [org, key],
  };
}

/** Keeps an answer under its key, in the transaction of what it answers. */
export function keepAnswer(
  { org, key }: IdempotencyKey,
  kept: { readonly fingerprint: string; readonly answer: string; readonly milliseconds: number },
): Statement {
  return {
    text: "insert into fraiseql.idempotency_keys (org, key, fingerprint, answer, expires_at) values ($1, $2, $3, $4, now() + $5::float8 * interval '1 millisecond')",
    values: [org, key, kept.fingerprint, kept.answer, String(kept.milliseconds)],
  };
}
