// The layer check: who imports whom (.dependency-cruiser.cjs), and who uses what only one place may use (below).
// With a folder as argument it checks that tree, by the rules that lie in it; its own test does that.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import ts from "typescript";
import { ROOT } from "./bootstrap.mjs";

const LAYERS = ["src", "routes", "workers"];

/** Names that only some files may use. `in` says which, by path. */
const CONFINED = [
  {
    what: "Bun",
    matches: /^Bun$/,
    in: /^(workers\/|routes\/serve\.bun\.ts$|src\/adapters\/(embedded-postgres\/|postgres\/bulk\/bun-wire\.ts$))/,
  },
  { what: "Deno", matches: /^Deno$/, in: /^routes\/serve\.deno\.ts$/ },
  { what: "environment variables (process.env)", matches: /^process\.env$/, in: /^src\/config\// },
];

const tree = resolve(process.argv[2] ?? ROOT);
const files = LAYERS.filter((layer) => existsSync(join(tree, layer))).flatMap((layer) => filesBelow(join(tree, layer)));
if (files.length === 0) {
  console.error(`${tree}: there is nothing to check`);
  process.exit(1);
}
const { seen, problems } = checkImports();
const unseen = files.filter((file) => !seen.has(file));
problems.push(...unseen.map((file) => `${file}: the check does not see this module, so it proves nothing about it`));
problems.push(...files.flatMap(checkConfined));

for (const problem of problems) console.error(problem);
console.log(`layers: ${seen.size} modules seen of ${files.length} in the tree, ${problems.length} problems`);
process.exit(problems.length === 0 ? 0 : 1);

function filesBelow(directory) {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter(
      (entry) => entry.isFile() && /\.(ts|tsx|mts)$/.test(entry.name) && !entry.parentPath.includes("node_modules"),
    )
    .map((entry) => relative(tree, join(entry.parentPath, entry.name)));
}

function checkImports() {
  const cruiser = join(ROOT, "node_modules", "dependency-cruiser", "bin", "dependency-cruise.mjs");
  const layers = LAYERS.filter((layer) => existsSync(join(tree, layer)));
  const args = [cruiser, "--config", join(tree, ".dependency-cruiser.cjs"), "--output-type", "json", ...layers];
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: tree, encoding: "utf8", maxBuffer: 2 ** 28 });
  if (!stdout.startsWith("{")) throw new Error(`dependency-cruiser did not run: ${stderr || stdout}`);
  const { modules, summary } = JSON.parse(stdout);
  const own = new RegExp(`^(${LAYERS.join("|")})/`);
  return {
    seen: new Set(modules.map((module) => module.source).filter((source) => own.test(source))),
    problems: summary.violations.map(
      ({ rule, from, to }) =>
        `${from} -> ${to}: ${rule.name} (${summary.ruleSetUsed.forbidden.find(({ name }) => name === rule.name)?.comment})`,
    ),
  };
}

function checkConfined(file) {
  const text = readFileSync(join(tree, file), "utf8");
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found = [];
  const visit = (node) => {
    const name = usedName(node);
    for (const { what, matches, in: allowed } of CONFINED) {
      if (name === undefined || !matches.test(name) || allowed.test(file)) continue;
      const { line } = source.getLineAndCharacterOfPosition(node.getStart());
      found.push(`${file}:${line + 1}: ${what} may not be used here`);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function usedName(node) {
  if (ts.isPropertyAccessExpression(node) && node.name.text === "env")
    return node.getText().replaceAll(/\s|globalThis\./g, "");
  if (ts.isPropertyAccessExpression(node) && node.expression.getText() === "globalThis") return node.name.text;
  if (ts.isIdentifier(node) && !(ts.isPropertyAccessExpression(node.parent) && node.parent.name === node))
    return node.text;
  return undefined;
}
