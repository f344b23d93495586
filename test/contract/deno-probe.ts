/**
 * Run by Deno: holds the adapters to their contracts on the database that the first argument names, and prints which
 * promise was kept ("") or how it was broken, as one JSON object.
 */
import process from "node:process";
import { ADAPTERS } from "./adapters.ts";

const [, , url = ""] = process.argv;
const outcomes: Record<string, string> = {};
for (const { port, name, runtimes, promises, keep } of ADAPTERS) {
  if (!runtimes.includes("Deno")) continue;
  for (const promise of promises) {
    outcomes[`${port} ${name} ${promise}`] = await keep(promise, url).then(
      () => "",
      (error: unknown) => String(error),
    );
  }
}
process.stdout.write(`${JSON.stringify(outcomes)}\n`);
