/**
 * `bun bench/events/writer.ts <url> <table> <clients> <rows per commit> <commits per second, 0 for as many as go> <milliseconds>`:
 * writes, and prints how many commits there were and how many milliseconds they took.
 */
import postgres from "postgres";

const [url = "", table = "", ...numbers] = process.argv.slice(2);
const [clients = 1, rows = 1, rate = 0, milliseconds = 1_000] = numbers.map(Number);
const sql = postgres(url, { max: clients, fetch_types: false });
const statement = `insert into ${table} (customer, status, total, note, street, city)
  select (random() * 1000)::int, 'open', n * 1.5, 'left at the door of the neighbours', 'Store Torv 4', 'Aarhus' from generate_series(1, $1::int) n`;
await Promise.all(Array.from({ length: clients }, () => sql.unsafe(statement, [rows], { prepare: true })));

const start = performance.now();
let commits = 0;
let due = 0;
await Promise.all(
  Array.from({ length: clients }, async () => {
    for (;;) {
      const now = performance.now() - start;
      // Open loop: commits are due at their times, whether or not earlier ones were slow.
      const at = rate > 0 ? (due++ / rate) * 1_000 : now;
      if (at >= milliseconds) return;
      if (at > now) await Bun.sleep(at - now);
      await sql.unsafe(statement, [rows], { prepare: true });
      commits += 1;
    }
  }),
);
process.stdout.write(JSON.stringify({ commits, milliseconds: performance.now() - start }));
await sql.end();
