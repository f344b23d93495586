/** `bun run golden:update`: writes the golden cases anew. What it changed is for a person to read before it is committed. */
import { writeFileSync } from "node:fs";
import { stopTestServer } from "../support/postgres.ts";
import { readCases, renderCase } from "./case.ts";
import { openDatabases } from "./databases.ts";

if (process.env["CI"]) {
  console.error("Golden cases are not written in CI.");
  process.exit(1);
}
const databases = openDatabases();
let changed = 0;
for (const each of readCases()) {
  const text = await renderCase(each, await databases.served(each.database));
  if (text === each.text) continue;
  writeFileSync(each.path, text);
  console.log(`changed ${each.name}`);
  changed += 1;
}
console.log(`${changed} changed`);
await databases.close();
await stopTestServer();
