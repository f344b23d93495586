import type { Sql } from "postgres";
import type { Lease, Leases } from "../../../ports/leases.ts";
import { asked } from "../worker/worker-sql.ts";

/** Leases in one table. PostgreSQL's clock alone says when one is over. */
export function openLeases(sql: Sql): Leases {
  return {
    take: (name, holder, milliseconds) =>
      asked(async () => {
        const [row] = await sql<{ fence: string }[]>`
          insert into fraiseql.leases as held (name, holder, fence, expires_at)
          values (${name}, ${holder}, 1, clock_timestamp() + ${milliseconds} * interval '1 millisecond')
          on conflict (name) do update
            set holder = excluded.holder, expires_at = excluded.expires_at,
                fence = held.fence + case when held.holder = excluded.holder and held.expires_at > clock_timestamp() then 0 else 1 end
            where held.holder = excluded.holder or held.expires_at <= clock_timestamp()
          returning fence`;
        return row && { name, holder, fence: Number(row.fence) };
      }),
    renew: (lease, milliseconds) =>
      asked(async () => {
        const rows = await sql`
          update fraiseql.leases set expires_at = clock_timestamp() + ${milliseconds} * interval '1 millisecond'
          where name = ${lease.name} and holder = ${lease.holder} and fence = ${lease.fence} and expires_at > clock_timestamp()
          returning 1`;
        return rows.length === 1;
      }),
    release: (lease: Lease) =>
      asked(async () => {
        await sql`
          update fraiseql.leases set expires_at = '-infinity'
          where name = ${lease.name} and holder = ${lease.holder} and fence = ${lease.fence}`;
      }),
    count: (prefix) =>
      asked(async () => {
        const [row] = await sql<{ count: string }[]>`
          select count(*) as count from fraiseql.leases where starts_with(name, ${prefix}) and expires_at > clock_timestamp()`;
        return Number(row?.count ?? 0);
      }),
  };
}
