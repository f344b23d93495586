/** The same reader on Deno and Node: TLS, channel binding, a stall, an abort; and that the process ends by itself. */

import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { denoRun, printedBy } from "../../../support/probe.ts";
import { startTlsServer, type TlsServer, tlsFile } from "../../../support/tls-server.ts";

const PROBE = join(import.meta.dir, "runtime-probe.ts");

let server: TlsServer;
let directory: string;
beforeAll(async () => {
  server = await startTlsServer();
  directory = await mkdtemp(join(tmpdir(), "fraiseql-probe-"));
});
afterAll(async () => {
  await server.stop();
  await rm(directory, { recursive: true, force: true });
});

/** Node has no TypeScript of its own; it gets the program in one file. */
async function bundled(): Promise<string> {
  const file = join(directory, "probe.mjs");
  const built = await Bun.build({ entrypoints: [PROBE], target: "node", format: "esm" });
  await Bun.write(file, (await built.outputs[0]?.text()) ?? "");
  return file;
}

const COMMANDS = {
  Bun: async () => [process.execPath, PROBE],
  Node: async () => ["node", await bundled()],
  Deno: async () => [...denoRun("--allow-net", "--allow-read"), PROBE],
};

test.each(["Bun", "Node", "Deno"] as const)(
  "on %s",
  async (runtime) => {
    const url = server.url("sslmode=verify-full&channel_binding=require");
    const printed = await printedBy([...(await COMMANDS[runtime]()), url, tlsFile("authority-rsa.crt")]);
    expect(JSON.parse(printed)).toEqual({
      stalls: 200,
      // 50,000 rows of 1,000 letters, and 11 bytes around each.
      bytes: 50_000 * 1_011,
      afterAbort: "REQUEST_CANCELLED",
      afterError: "DATABASE_ERROR",
      untrusted: "DATABASE_UNAVAILABLE",
    });
  },
  30_000,
);
