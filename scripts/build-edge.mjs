// `bun run build:edge`: the edge server as one file that needs nothing but Bun, and an artifact where it is started.
import { spawnSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { gzipSync } from "node:zlib";
import { ensureInstalled, findBun, ROOT } from "./bootstrap.mjs";

const BYTES_MAX = 400_000;

ensureInstalled();
const out = process.argv[2] ?? join(ROOT, "dist", "edge.js");
const entry = join(ROOT, "routes", "serve.bun.ts");
const { status } = spawnSync(findBun(), ["build", entry, "--target=bun", "--minify", `--outfile=${out}`], {
  cwd: ROOT,
  stdio: ["ignore", "ignore", "inherit"],
});
if (status !== 0) process.exit(1);

const bytes = statSync(out).size;
const zipped = gzipSync(readFileSync(out)).length;
console.log(`${relative(process.cwd(), out)}: ${bytes} bytes (${zipped} with gzip) of at most ${BYTES_MAX}`);
if (bytes > BYTES_MAX) {
  console.error("The edge bundle is larger than its limit; see which import made it grow.");
  process.exit(1);
}
