// `bun run build:edge`: the edge server in a few files that need nothing but Bun, and an artifact where it is started.
// What only exports, mutations or GraphiQL need is in files of their own, loaded when the first one is asked for.
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { ensureInstalled, findBun, ROOT } from "./bootstrap.mjs";

/** Of the files that are loaded at the start, together. */
const BYTES_MAX = 400_000;

ensureInstalled();
const out = resolve(process.argv[2] ?? join(ROOT, "dist", "edge.js"));
const directory = dirname(out);
const metafile = `${out}.meta.json`;
mkdirSync(directory, { recursive: true });
// Their names follow from their content, so those of an earlier build would stay.
for (const name of readdirSync(directory)) if (/^edge-[0-9a-z]{8}\.js$/.test(name)) rmSync(join(directory, name));

const naming = [`--entry-naming=${basename(out)}`, "--chunk-naming=edge-[hash].js"];
const { status } = spawnSync(
  findBun(),
  [
    ...["build", join(ROOT, "routes", "serve.bun.ts"), "--target=bun", "--minify", "--splitting"],
    ...[`--outdir=${directory}`, ...naming, `--metafile=${metafile}`],
  ],
  { cwd: ROOT, stdio: ["ignore", "ignore", "inherit"] },
);
if (status !== 0) process.exit(1);
const { outputs } = JSON.parse(readFileSync(metafile, "utf8"));
rmSync(metafile);

/** The file and what it imports before it runs. */
function loadedWith(name, found = new Set()) {
  if (found.has(name)) return found;
  found.add(name);
  const { imports } = outputs[`./${name}`];
  for (const { path, kind } of imports)
    if (kind === "import-statement" && path.startsWith("./")) loadedWith(path.slice(2), found);
  return found;
}

const atStart = loadedWith(basename(out));
const later = Object.keys(outputs)
  .map((path) => path.slice(2))
  .filter((name) => !atStart.has(name));
const bytesOf = (names) => [...names].reduce((sum, name) => sum + statSync(join(directory, name)).size, 0);
const zippedOf = (names) =>
  [...names].reduce((sum, name) => sum + gzipSync(readFileSync(join(directory, name))).length, 0);

const bytes = bytesOf(atStart);
console.log(`${relative(process.cwd(), out)}: ${bytes} bytes (${zippedOf(atStart)} with gzip) of at most ${BYTES_MAX}`);
console.log(`loaded when they are asked for: ${bytesOf(later)} bytes (${zippedOf(later)} with gzip)`);
if (bytes > BYTES_MAX) {
  console.error("The edge bundle is larger than its limit; see which import made it grow.");
  process.exit(1);
}
