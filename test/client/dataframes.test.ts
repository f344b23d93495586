import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { installPython, run } from "../interop/installed.ts";
import { type Browser, chromium, startBrowser } from "../support/browser.ts";
import { type Example, examplesOf, openWorkshop, ROOT, type Workshop } from "./guide-blocks.ts";
import { type Api, worldApi } from "./world-api.ts";

const EXAMPLES = examplesOf("dataframes.md");
const PYTHON = await installPython();
const canBrowse = chromium !== null || process.env["FRAISEQL_TEST_CHROMIUM"] !== undefined;

let api: Api;
let workshop: Workshop;
beforeAll(async () => {
  [api, workshop] = await Promise.all([worldApi(), openWorkshop()]);
}, 240_000);
afterAll(async () => {
  await workshop?.remove();
  await api?.close();
});

const here = (text: string): string => text.replaceAll("http://127.0.0.1:8000/graphql", api.url);

/** Runs an example and compares what it prints. */
async function prints({ text, prints: expected }: Example, file: string, command: readonly string[]): Promise<void> {
  await Bun.write(join(workshop.folder, file), here(text));
  const { code, output } = await run([...command, file], workshop.folder);
  expect({ code, output }).toEqual({ code: 0, output: expected ?? "" });
}

const inBrowser = ({ text }: Example): boolean => text.includes("document.");

describe("docs/guides/dataframes.md", () => {
  for (const [index, example] of EXAMPLES.entries()) {
    const { title, language } = example;
    if (inBrowser(example)) continue;
    if (language === "python") {
      const why = "missing" in PYTHON ? ` (skipped: ${PYTHON.missing})` : "";
      test.skipIf(why !== "")(
        `${title}${why}`,
        () => prints(example, `example${index}.py`, ["python" in PYTHON ? PYTHON.python : ""]),
        60_000,
      );
    } else test(title, () => prints(example, `example${index}.ts`, [process.execPath]), 60_000);
  }

  test("has an example for each of the tools it names", () => {
    expect(EXAMPLES.map(({ title }) => title)).toEqual([
      "DuckDB in Node and Bun",
      "DuckDB in the browser",
      "Polars",
      "pyarrow, and from there pandas and the rest",
      "Observable Plot",
    ]);
  });
});

describe.skipIf(!canBrowse)("docs/guides/dataframes.md in a browser", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startBrowser();
  }, 60_000);
  afterAll(() => browser?.close());

  /** One origin for the page, its script, the parts of DuckDB that the script loads, and the API. */
  async function serveExample({ text }: Example) {
    const entry = join(workshop.folder, `page-${Bun.hash(text)}.ts`);
    // The network of a test is this machine: DuckDB's parts come from the package instead.
    await Bun.write(entry, text.replace("duckdb.getJsDelivrBundles()", "LOCAL_BUNDLES"));
    const { outputs } = await Bun.build({ entrypoints: [entry], target: "browser" });
    const script = (await outputs[0]?.text()) ?? "";
    return Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      idleTimeout: 255,
      fetch: async (request) => {
        const { pathname, origin } = new URL(request.url);
        if (pathname === "/graphql")
          // Passed on as it comes, compressed too.
          return fetch(api.url, {
            method: "POST",
            headers: request.headers,
            body: await request.text(),
            decompress: false,
          });
        const part = /^\/duckdb\/(duckdb-[\w.-]+)$/.exec(pathname)?.[1];
        if (part)
          return new Response(Bun.file(join(ROOT, "test/interop/readers/node_modules/@duckdb/duckdb-wasm/dist", part)));
        const local = (name: string) => ({
          mainModule: `${origin}/duckdb/duckdb-${name}.wasm`,
          mainWorker: `${origin}/duckdb/duckdb-browser-${name}.worker.js`,
        });
        const bundles = JSON.stringify({ mvp: local("mvp"), eh: local("eh") });
        if (pathname === "/example.js")
          return new Response(`const LOCAL_BUNDLES = ${bundles};\n${script}`, {
            headers: { "content-type": "text/javascript" },
          });
        return new Response(
          '<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><body><script type="module" src="/example.js"></script>',
          { headers: { "content-type": "text/html" } },
        );
      },
    });
  }

  test("DuckDB in the browser", async () => {
    const example = EXAMPLES.find(({ title }) => title === "DuckDB in the browser")!;
    const server = await serveExample(example);
    const page = await browser.open(server.url.href);
    const found = await page.evaluate(`new Promise((resolve) => {
      const look = () => document.body?.innerText.trim() && resolve(document.body.innerText);
      new MutationObserver(look).observe(document, { childList: true, subtree: true });
      look();
    })`);
    expect(`${found}\n`).toBe(example.prints ?? "");
    expect(page.errors).toEqual([]);
    await server.stop(true);
  }, 60_000);

  test("Observable Plot", async () => {
    const server = await serveExample(EXAMPLES.find(({ title }) => title === "Observable Plot")!);
    const page = await browser.open(server.url.href);
    await page.appears("svg rect, figure rect");
    expect(await page.evaluate("document.querySelectorAll('rect').length")).toBeGreaterThan(1_000);
    expect(page.errors).toEqual([]);
    const target = process.env["FRAISEQL_TEST_SCREENSHOT"];
    if (target) await Bun.write(target, await page.screenshot());
    await server.stop(true);
  }, 60_000);
});
