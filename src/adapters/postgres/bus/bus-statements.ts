/** What the bus asks of PostgreSQL, a statement each. */
import type { Sql } from "postgres";
import type { BusMessage, BusState, RefusedMessage } from "../../../ports/event-bus.ts";

export type Claimed = {
  readonly sequence: string;
  readonly attempt: number;
  readonly id: string;
  readonly subject: string;
  readonly body: string;
};

export type BusStatements = {
  publish(messages: readonly BusMessage[], slotSeconds: number): Promise<number>;
  claim(shard: number, atMost: number, ackWaitMs: number): Promise<readonly Claimed[]>;
  /** What is given out of the shard is due now. */
  takeOver(shard: number): Promise<void>;
  acknowledge(shards: readonly number[], sequences: readonly number[]): Promise<void>;
  dueIn(shard: number, sequence: number, milliseconds: number): Promise<void>;
  reject(shard: number, sequence: number, reason: string): Promise<void>;
  state(): Promise<BusState>;
  pending(): Promise<readonly number[]>;
  refused(limit: number): Promise<readonly RefusedMessage[]>;
};

const REFUSED_LIST_MAX = 1_000;

/**
 * @param publisher - by which those who listen know whose messages they are
 * @param run - what every statement goes through
 */
export function busStatements(
  sql: Sql,
  publisher: string,
  run: <T>(step: () => Promise<T>) => Promise<T>,
): BusStatements {
  return {
    publish: (messages, slotSeconds) =>
      run(async () => {
        const [row] = await sql<{ sequence: string }[]>`
          select fraiseql.bus_publish(
            ${messages.map(({ id }) => id)}::text[], ${messages.map(({ subject }) => subject)}::text[],
            ${messages.map(({ body }) => body)}::text[], ${slotSeconds}, ${publisher}) as sequence`;
        return Number(row?.sequence ?? 0);
      }),
    claim: (shard, atMost, ackWaitMs) =>
      run(async () => await sql<Claimed[]>`select * from fraiseql.bus_claim(${shard}, ${atMost}, ${ackWaitMs})`),
    takeOver: (shard) =>
      run(async () => {
        await sql`
          update fraiseql.bus_given set due_at = clock_timestamp()
          where shard = ${shard} and due_at > clock_timestamp()`;
      }),
    acknowledge: (shards, sequences) =>
      run(async () => {
        await sql`
          delete from fraiseql.bus_given g
          using unnest(${[...shards]}::integer[], ${[...sequences]}::bigint[]) as e (shard, sequence)
          where g.shard = e.shard and g.sequence = e.sequence`;
      }),
    dueIn: (shard, sequence, milliseconds) =>
      run(async () => {
        await sql`
          update fraiseql.bus_given set due_at = clock_timestamp() + ${milliseconds} * interval '1 millisecond'
          where shard = ${shard} and sequence = ${sequence}`;
      }),
    reject: (shard, sequence, reason) =>
      run(async () => {
        await sql`
          with gone as (delete from fraiseql.bus_given where shard = ${shard} and sequence = ${sequence})
          insert into fraiseql.bus_refused (sequence, id, subject, body, reason)
          select sequence, id, subject, body, ${reason} from fraiseql.bus_messages
          where shard = ${shard} and sequence = ${sequence} on conflict do nothing`;
      }),
    state: () =>
      run(async () => {
        const [row] = await sql<{ incarnation: string; last_sequence: string }[]>`
          select incarnation, last_sequence from fraiseql.bus`;
        return { incarnation: row?.incarnation ?? "", lastSequence: Number(row?.last_sequence ?? 0) };
      }),
    pending: () =>
      run(async () => {
        const rows = await sql<{ count: string }[]>`
          select (select count(*) from fraiseql.bus_messages m where m.shard = s.shard and m.sequence > s.given_to)
            + (select count(*) from fraiseql.bus_given g where g.shard = s.shard) as count
          from fraiseql.bus_shards s order by shard`;
        return rows.map(({ count }) => Number(count));
      }),
    refused: (limit) =>
      run(
        async () =>
          await sql<RefusedMessage[]>`
          select id, subject, body, reason,
            to_char(refused_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as "refusedAt"
          from fraiseql.bus_refused order by refused_at desc limit ${Math.min(limit, REFUSED_LIST_MAX)}`,
      ),
  };
}
