/** The outbox is a ring of parts: one is written, the others keep what was written before, and the oldest is emptied as a whole. */
import type { Sql } from "postgres";

const PARTS = 16;
/** Of those, one is written and one is free for the next turn. */
const PARTS_KEPT = PARTS - 2;

/** Moves on when the part that is written has its share of the time, and empties what is published and old enough. */
export async function rotateRing(sql: Sql, retentionMs: number): Promise<void> {
  for (let slot = 0; slot < PARTS; slot += 1) await emptyPart(sql, slot, retentionMs);
  await sql.begin(async (transaction) => {
    await transaction.unsafe(
      `update fraiseql.outbox_ring set slot = (slot + 1) % ${PARTS}, since = clock_timestamp()
       where since < clock_timestamp() - $1::float8 * interval '1 millisecond' / ${PARTS_KEPT}
         and not exists (select from fraiseql.outbox as o where o.slot = (outbox_ring.slot + 1) % ${PARTS})
         and exists (select from fraiseql.outbox as o where o.slot = outbox_ring.slot)`,
      [retentionMs],
    );
    await transaction`
      delete from fraiseql.relay_marks where position < (select min(position) from fraiseql.outbox)
        and position < (select max(position) from fraiseql.relay_marks)`;
    await transaction`delete from fraiseql.replays where asked_at < clock_timestamp() - ${retentionMs}::float8 * interval '1 millisecond' - interval '1 day'`;
  });
}

/** A writer that is still at it with a row of this part keeps it: the next turn comes. */
async function emptyPart(sql: Sql, slot: number, retentionMs: number): Promise<void> {
  const part = `fraiseql.outbox_${slot}`;
  const isOver = `
    select newest.position <= (select position from fraiseql.relay)
      and newest.occurred_at < clock_timestamp() - $1::float8 * interval '1 millisecond'
      and (select slot from fraiseql.outbox_ring) <> ${slot} as over
    from (select position, occurred_at from ${part} order by position desc limit 1) as newest`;
  const [seen] = await sql.unsafe(isOver, [retentionMs]);
  if (seen?.["over"] !== true) return;
  try {
    await sql.begin(async (transaction) => {
      await transaction.unsafe("set local lock_timeout = 50");
      await transaction.unsafe(`lock table ${part} in access exclusive mode`);
      const [still] = await transaction.unsafe(isOver, [retentionMs]);
      if (still?.["over"] === true) await transaction.unsafe(`truncate ${part}`);
    });
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "55P03")) throw error;
  }
}
