/**
 * Run by other runtimes than the tests' own: reads results from the database that the first argument names and prints what
 * it saw as JSON. The second argument is a file of certificates to trust.
 */
import { readFileSync } from "node:fs";
import process from "node:process";
import { openBulkReader } from "../../../../src/adapters/postgres/bulk/bulk-reader.ts";

const [, , url = "", authorities] = process.argv;
const reader = openBulkReader({
  url,
  applicationName: "probe",
  ...(authorities !== undefined && { rootCertificate: readFileSync(authorities, "utf8") }),
});
const statement = { text: "select repeat('x', 1000) from generate_series(1, $1::int)", values: ["50000"] };
const codeOf = (error: unknown) => (error as { code?: string }).code;

const result = await reader.open(statement);
let bytes = (await result.read())?.length ?? 0;
// Nobody reads, so the backend has to wait, for as long as we look. Other results are how we see that.
const backends = `select count(*) filter (where wait_event = 'ClientWrite') || ' ' || count(*) filter (where state = 'idle')
  from pg_stat_activity where application_name = 'probe'`;
let stalls = 0;
for (let isIdle = false; stalls < 200 && !isIdle; ) {
  const seen = await reader.open({ text: backends, values: [] });
  const [waiting, idle] = new TextDecoder().decode((await seen.read())?.slice(-3)).split(" ");
  await seen.read();
  stalls = waiting === "1" ? stalls + 1 : 0;
  isIdle = idle !== "0";
}
for (let rows = await result.read(); rows; rows = await result.read()) bytes += rows.length;

const client = new AbortController();
const aborted = await reader.open(statement, { signal: client.signal });
client.abort();
const afterAbort = await aborted.read().catch(codeOf);
const afterError = await reader.open({ text: "select 1/0", values: [] }).catch(codeOf);
const refused = openBulkReader({ url: url.replace("@localhost:", "@127.0.0.1:"), connectTimeoutMs: 2_000 });
const untrusted = await refused.open(statement).catch(codeOf);
await refused.close();
await reader.close();
process.stdout.write(`${JSON.stringify({ stalls, bytes, afterAbort, afterError, untrusted })}\n`);
