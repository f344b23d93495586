// `npm test`: everything that needs nothing beyond npm. The last line counts checks and tests together.
// `npm test -- test/core` runs only the tests below a path.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { ensureInstalled, findBun, ROOT } from "./bootstrap.mjs";

ensureInstalled();
const bun = findBun();
const installed = (...path) => join(ROOT, "node_modules", ...path);

const CHECKS = [
  [
    "format and lint",
    [installed("@biomejs", "biome", "bin", "biome"), "check", "--colors=off", "--max-diagnostics=50", "."],
  ],
  ["types", [installed("typescript", "bin", "tsc"), "-p", "tsconfig.json"]],
  ["types of core, without any runtime", [installed("typescript", "bin", "tsc"), "-p", "src/core/tsconfig.json"]],
  [
    "types of the client, with Web APIs alone",
    [installed("typescript", "bin", "tsc"), "-p", "src/client/tsconfig.json"],
  ],
  ["layers", [join(ROOT, "scripts", "check-layers.mjs")]],
  ["dead code", [installed("knip", "bin", "knip.js"), "--no-progress"]],
];

const paths = process.argv.slice(2);
const failures = new Set();
const count = { passed: 0, failed: 0, skipped: 0 };

if (paths.length === 0) for (const [name, command] of CHECKS) await check(name, command);
await tests(paths);

for (const failure of failures) console.log(`FAILED ${failure}`);
if (count.skipped > 0) console.log(`${count.skipped} skipped (the reason stands where each is skipped)`);
console.log(`${count.passed} passed, ${count.failed} failed`);
process.exit(count.failed === 0 ? 0 : 1);

async function check(name, command) {
  const start = performance.now();
  let output = "";
  const code = await run(process.execPath, command, (text) => {
    output += text;
  });
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${code === 0 ? "ok" : "FAILED"} ${name} (${seconds} s)`);
  if (code === 0) count.passed += 1;
  else {
    console.log(output);
    count.failed += 1;
    failures.add(name);
  }
}

/** Runs `bun test` and counts from what it prints: results under the name of their file, and totals at the end. */
async function tests(paths) {
  let file = "";
  const totals = {};
  const readLine = (line) => {
    if (/^\S+\.test\.tsx?:$/.test(line)) file = line.slice(0, -1);
    // At the end Bun says all failures again, under no file.
    if (/^\d+ tests? failed:$/.test(line)) file = undefined;
    const failed = /^\(fail\) (.*?)( \[[\d.]+ms\])?$/.exec(line);
    if (failed && file !== undefined) failures.add(`${file}: ${failed[1]}`);
    const total = /^\s*(\d+) (pass|fail|skip|error)s?$/.exec(line);
    if (total) totals[total[2]] = Number(total[1]);
  };
  let rest = "";
  const code = await run(bun, ["test", "--timeout", "60000", ...(paths.length > 0 ? paths : ["test"])], (text) => {
    process.stdout.write(text);
    const lines = (rest + text).split("\n");
    rest = lines.pop();
    lines.forEach(readLine);
  });
  count.passed += totals.pass ?? 0;
  count.skipped += totals.skip ?? 0;
  // A file that does not load fails no test, but fails.
  const failed = (totals.fail ?? 0) + (totals.error ?? 0);
  count.failed += Math.max(failed, code === 0 ? 0 : 1);
  if (code !== 0 && failed === 0) failures.add(`bun test ended with ${code}`);
}

function run(command, args, onText) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: ROOT,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, NO_COLOR: "1" },
    });
    const stop = (signal) => {
      child.once("close", () => process.exit(130));
      child.kill(signal);
    };
    process.once("SIGINT", stop).once("SIGTERM", stop);
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", onText);
    child.on("close", (code, signal) => {
      process.off("SIGINT", stop).off("SIGTERM", stop);
      resolve(code ?? signal);
    });
  });
}
