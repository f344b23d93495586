import { afterAll, afterEach, beforeAll, expect, test } from "bun:test";
import { chmod, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endStarted, npmStart, paste } from "../support/npm-start.ts";

const ROOT = join(import.meta.dir, "..", "..");
const isRoot = process.getuid?.() === 0;
const NOBODY = 65534;

/** It downloads everything anew: `.ci/run` asks for it, `npm test` does not. */
const isWanted = process.env["FRAISEQL_TEST_CLONE"] === "1";

let base: string;
beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), "fraiseql clone "));
  await chmod(base, 0o711);
});
afterAll(() => rm(base, { recursive: true, force: true }));
afterEach(endStarted);

test.skipIf(!isWanted)(
  "npm start and npm test work in a fresh clone, for an ordinary user, where npm runs no install scripts",
  async () => {
    const checkout = join(base, "a fresh clone");
    const home = join(base, "home");
    await mkdir(home);
    await Bun.$`git clone --quiet ${ROOT} ${checkout}`;
    if (isRoot) await Bun.$`chown -R ${NOBODY}:${NOBODY} ${checkout} ${home}`;
    const env = { HOME: home, npm_config_ignore_scripts: "true", npm_config_cache: join(home, "npm") };
    const user = isRoot ? { uid: NOBODY } : {};

    const server = await npmStart({ checkout, directory: ".fraiseql", env, ...user });
    expect(server.printed()).toContain("Nothing is installed yet: running npm ci");
    expect(await paste(server.curl)).toHaveProperty("data.countryByCode.name", "Switzerland");
    await server.interrupt();

    const again = await npmStart({ checkout, directory: ".fraiseql", env, ...user });
    expect(again.printed()).not.toContain("npm ci");
    expect(again.printed()).not.toContain("Loading");
    await again.interrupt();

    const command = ["npm", "test", "--", "test/house/core-guard.test.ts", "test/house/ensure-database.test.ts"];
    const tests = await npmStart({ checkout, directory: ".fraiseql", env, command, ...user });
    expect(await tests.ended).toBe(0);
    expect(tests.printed()).toEndWith("5 passed, 0 failed\n");
  },
  600_000,
);
