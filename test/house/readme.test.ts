import { afterAll, afterEach, beforeAll, expect, test } from "bun:test";
import { chmod, cp, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tableFromIPC } from "apache-arrow";
import { languages } from "countries-list";
import { endStarted, npmStart, paste } from "../support/npm-start.ts";
import { familyOf, gone } from "../support/processes.ts";
import { readmeBlocks } from "../support/readme.ts";
import { sampleDatabase } from "../support/samples.ts";

const ROOT = join(import.meta.dir, "..", "..");
const blocks = readmeBlocks();

let base: string;
beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), "fraiseql readme "));
  await chmod(base, 0o711);
});
afterAll(() => rm(base, { recursive: true, force: true }));
afterEach(endStarted);

/** The answer that the README prints below block number `index`. */
function answerBelow(index: number): unknown {
  expect(blocks[index + 1]?.language).toBe("json");
  return JSON.parse(blocks[index + 1]?.text ?? "");
}

test.skipIf(process.platform !== "linux")(
  "npm start prints what the README shows, and each query gives the answer below it",
  async () => {
    expect(blocks[0]).toEqual({ language: "sh", text: "npm start\n" });
    const server = await npmStart({ directory: join(base, "state") });
    const atHome = (text: string) =>
      text
        .replaceAll(server.url, "http://127.0.0.1:8000")
        .replace(/fraiseql:\S+@127.0.0.1:\d+/, "fraiseql:PASSWORD@127.0.0.1:PORT")
        .replace(/127.0.0.1:\d+(?=\/api)/, "127.0.0.1:PORT")
        .replace(`${join(base, "state")}/settings`, ".fraiseql/settings");
    expect(atHome(server.printed())).toContain(blocks[1]?.text ?? "");

    const curl = blocks.findIndex(({ text }) => text.startsWith("curl"));
    expect(`${atHome(server.curl)}\n`).toBe(blocks[curl]?.text ?? "");
    expect(await paste(server.curl)).toEqual(answerBelow(curl));

    const queries = blocks.flatMap(({ language }, index) => (language === "graphql" ? [index] : []));
    expect(queries.length).toBeGreaterThanOrEqual(3);
    for (const index of queries) {
      const body = JSON.stringify({ query: blocks[index]?.text });
      const headers = { "content-type": "application/json" };
      const response = await fetch(`${server.url}/graphql`, { method: "POST", headers, body });
      expect(await response.json()).toEqual(answerBelow(index));
    }

    const asArrow = blocks.find(({ text }) => text.includes("application/vnd.apache.arrow.stream"))?.text ?? "";
    const command = asArrow.replace("http://127.0.0.1:8000", server.url);
    expect(await Bun.spawn(["sh", "-c", command], { cwd: base }).exited).toBe(0);
    const table = tableFromIPC(await Bun.file(join(base, "cities.arrows")).bytes());
    const inJson = blocks.find(({ text }) => text.includes("Longyearbyen"))?.text ?? "";
    const { cities } = (JSON.parse(inJson) as { data: { cities: readonly { readonly name: string }[] } }).data;
    expect(table.numRows).toBe(171_075);
    expect([table.get(0)?.["name"], table.get(1)?.["name"]]).toEqual(cities.map(({ name }) => name));
  },
  120_000,
);

test.skipIf(process.platform !== "linux")("the commands for one's own database do what the README says", async () => {
  const lines = (blocks.find(({ text }) => text.startsWith("export DATABASE_URL"))?.text ?? "").trim().split("\n");
  const [, ...commands] = lines;
  expect(commands.map((line) => line.split(" ")[4])).toEqual(["introspect", "compile", "check", "serve"]);
  const { url, drop } = await sampleDatabase("world");
  const folder = await mkdtemp(join(base, "a checkout "));
  for (const name of ["package.json", "deno.json"]) await cp(join(ROOT, name), join(folder, name));
  for (const name of ["src", "routes", "workers", "node_modules"]) await symlink(join(ROOT, name), join(folder, name));
  const run = (line: string) =>
    Bun.spawn(["sh", "-c", line], {
      cwd: folder,
      detached: true,
      env: { ...process.env, DATABASE_URL: url },
      stdout: "pipe",
      stderr: "pipe",
    });

  for (const line of commands.slice(0, -1)) {
    const command = run(line);
    const printed = (await new Response(command.stdout).text()) + (await new Response(command.stderr).text());
    expect({ line, code: await command.exited, printed }).toEqual({ line, code: 0, printed });
  }
  const question = '{ language(code: "rm") { name nativeName } }';
  const answer = { data: { language: { name: languages.rm.name, nativeName: languages.rm.native } } };
  for (const line of [`${commands.at(-1)?.replace("--port 8000", "--port 0")}`, "PORT=0 npx deno task start"]) {
    const server = run(line);
    const { value } = await server.stdout.getReader().read();
    const address = /http:\S+/.exec(new TextDecoder().decode(value))?.[0] ?? "nothing printed";
    const body = JSON.stringify({ query: question });
    const response = await fetch(address, { method: "POST", headers: { "content-type": "application/json" }, body });
    expect(await response.json()).toEqual(answer);
    const family = familyOf(server.pid);
    process.kill(-server.pid, "SIGTERM");
    await gone(...family);
  }
  await drop();
});
