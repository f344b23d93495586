import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { buildSchema } from "graphql";
import { loadSun } from "../../examples/chart/load.ts";
import { type ChartServer, serveChart } from "../../examples/chart/serve-chart.ts";
import { generateModule } from "../../src/core/generate/generate-module.ts";
import { type Browser, chromium, startBrowser } from "../support/browser.ts";
import { type TestDatabase, testDatabase } from "../support/postgres.ts";

const PAGE = join(import.meta.dir, "..", "..", "examples", "chart", "page");

/** Without the Debian package these are skipped; CI installs it, and there they have to run. */
const canRun = chromium !== null || process.env["FRAISEQL_TEST_CHROMIUM"] !== undefined;

let database: TestDatabase;
let server: ChartServer;
let browser: Browser;
beforeAll(async () => {
  if (!canRun) return;
  database = await testDatabase("sun");
  await loadSun(database.url);
  server = await serveChart(database.url, 0);
  browser = await startBrowser();
}, 60_000);
afterAll(async () => {
  await browser?.close();
  await server?.stop();
  await database?.drop();
});

describe.skipIf(!canRun)("the chart of a million rows", () => {
  test("draws every row in the browser", async () => {
    const page = await browser.open(server.url);
    await page.appears("body[data-state=done], body[data-state=failed]");
    const status = String(await page.evaluate("document.querySelector('#status').textContent"));
    expect(status).toStartWith("1,052,640 rows, 1");
    expect(page.errors).toEqual([]);
    const shot = await page.screenshot();
    const target = process.env["FRAISEQL_TEST_SCREENSHOT"];
    if (target) await Bun.write(target, shot);
    console.log(`      ${status}`);

    // Noon in June is day, midnight in December is night; noon in December is neither.
    const colours = await page.evaluate(`(() => {
      const canvas = document.querySelector("#chart");
      const scale = canvas.width / canvas.clientWidth;
      const [left, top, width, height] = [52, 8, canvas.clientWidth - 60, canvas.clientHeight - 34];
      const at = (day, hour) => [...canvas.getContext("2d").getImageData(
        (left + width * (day + 0.5) / 731) * scale, (top + height * (1 - hour / 24)) * scale, 1, 1).data];
      return [at(172, 11), at(355, 23), at(355, 11), at(538, 11)];
    })()`);
    const [day, night, dusk, nextSummer] = colours as [number[], number[], number[], number[]];
    const light = ([red = 0, green = 0, blue = 0]: number[]) => red + green + blue;
    expect(light(day)).toBeGreaterThan(500);
    expect(light(night)).toBeLessThan(120);
    expect(light(dusk)).toBeGreaterThan(light(night));
    expect(light(dusk)).toBeLessThan(light(day));
    expect(Math.abs(light(day) - light(nextSummer))).toBeLessThan(30);
  }, 60_000);

  test("stops when it is told to, and begins again", async () => {
    const page = await browser.open(server.url);
    await page.appears("body[data-state=reading] #status:not(:empty)");
    await page.evaluate("document.querySelector('#again').click()");
    await page.appears("body[data-state=stopped], body[data-state=done]");
    await page.evaluate("document.querySelector('#again').click()");
    await page.appears("body[data-state=done]");
    expect(await page.evaluate("document.querySelector('#status').textContent")).toStartWith("1,052,640 rows");
    expect(page.errors).toEqual([]);
  }, 60_000);

  test("has the types that its schema gives", async () => {
    const { sdl } = JSON.parse(server.artifact) as { sdl: string };
    const files = [{ path: "sun.graphql", text: await readFile(join(PAGE, "sun.graphql"), "utf8") }];
    const { text } = generateModule({ schema: buildSchema(sdl), files, scalars: new Map(), form: "text" });
    expect(await readFile(join(PAGE, "generated", "operations.ts"), "utf8")).toBe(text);
  });
});
