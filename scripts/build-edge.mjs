// `bun run build:edge`: the edge server as one file that needs nothing but Bun, and an artifact where it is started.
// What only exports need is in a second file beside it, loaded when the first one is asked for.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { ensureInstalled, ROOT } from "./bootstrap.mjs";

const BYTES_MAX = 400_000;

ensureInstalled();
const { rolldown } = await import("rolldown");

const out = resolve(process.argv[2] ?? join(ROOT, "dist", "edge.js"));
const directory = dirname(out);
const stem = basename(out, ".js");
const arrow = `${stem}-arrow.js`;

const bundle = await rolldown({
  cwd: ROOT,
  input: join(ROOT, "routes", "serve.bun.ts"),
  platform: "node",
  // The package of graphql holds it twice, and what is split or shaken has to be its modules.
  resolve: { mainFields: ["module", "main"] },
  // The second file takes what both need from the first.
  preserveEntrySignatures: "allow-extension",
  plugins: [withoutItsPage()],
  // What graphql has for programs that are being written: it says at length that there are two of it.
  transform: { define: { "globalThis.process": "true", "process.env.NODE_ENV": '"production"' } },
  // Else the rules for schema documents, which graphql keeps in a frozen list, would be carried along; and no getter does more than read.
  treeshake: { manualPureFunctions: ["Object.freeze"], propertyReadSideEffects: false },
});
const { output } = await bundle.generate({
  minify: true,
  comments: { legal: false, annotation: false, jsdoc: false },
  entryFileNames: `${stem}.js`,
  chunkFileNames: arrow,
});
await bundle.close();

const [edge, ...others] = output;
const needed = edge.imports.filter((name) => !name.startsWith("node:"));
if (needed.length > 0 || others.map(({ fileName }) => fileName).join() !== arrow)
  fail(
    `The edge bundle is more than ${stem}.js and ${arrow}: ${[...needed, ...others.map((o) => o.fileName)].join(", ")}`,
  );

mkdirSync(directory, { recursive: true });
for (const { fileName, code } of output) writeFileSync(join(directory, fileName), code);
writeFileSync(join(directory, `${stem}-licenses.txt`), licenses(output.flatMap(({ moduleIds }) => moduleIds)));

const bytes = Buffer.byteLength(edge.code);
console.log(`${relative(process.cwd(), out)}: ${bytes} bytes (${zipped(edge)} with gzip) of at most ${BYTES_MAX}`);
console.log(
  `${arrow}, loaded with the first export: ${Buffer.byteLength(others[0].code)} bytes (${zipped(others[0])} with gzip)`,
);
if (bytes > BYTES_MAX) fail("The edge bundle is larger than its limit; see which import made it grow.");

/** @hono/graphql-server has a page with GraphiQL of its own, which nobody is shown: ours is `routes/graphiql.ts`. */
function withoutItsPage() {
  const asked = "options.graphiql ?? false";
  return {
    name: "without-its-page",
    transform(code, id) {
      if (!id.includes("/node_modules/@hono/graphql-server/")) return undefined;
      if (!code.includes(asked)) fail("@hono/graphql-server asks in another way whether it shows GraphiQL.");
      return code.replace(asked, "false");
    },
  };
}

function zipped({ code }) {
  return gzipSync(code).length;
}

/** The licences of the packages these modules are of, which ask to be handed on with them. */
function licenses(modules) {
  const folders = modules.flatMap((id) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id)?.[0] ?? []);
  const texts = [...new Set(folders)].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    return `${name} ${version} (${license})\n${file ? `\n${readFileSync(join(folder, file), "utf8").trim()}\n` : ""}`;
  });
  return texts.join(`\n${"-".repeat(80)}\n\n`);
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
