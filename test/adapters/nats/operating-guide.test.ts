/** What docs/operating/nats.md and infra/nats give is enough, with a user, a token, and over TLS. */

import { afterEach, describe, expect, test } from "bun:test";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "nats.ws";
import { openNatsBus } from "../../../src/adapters/nats/event-bus.ts";
import { createPublishAction } from "../../../src/adapters/nats/publish-action.ts";
import { realWait } from "../../../src/adapters/timers/wait.ts";
import { loadConfig } from "../../../src/config/load-config.ts";
import { messages, reader } from "../../contract/event-bus-contract.ts";
import { actionInput } from "../../support/change-event.ts";
import { NATS_BINARY, NATS_MISSING, type NatsServer, startNats } from "../../support/nats-server.ts";

const ROOT = join(import.meta.dir, "../../..");
const page = await readFile(join(ROOT, "docs/operating/nats.md"), "utf8");
const [start = "", settings = ""] = [...page.matchAll(/```sh\n([^`]*)```/g)].map(([, block]) => block ?? "");

let server: NatsServer | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

describe.skipIf(NATS_MISSING !== undefined)(
  `docs/operating/nats.md${NATS_MISSING ? ` (skipped: ${NATS_MISSING})` : ""}`,
  () => {
    test("the configuration of infra/nats and the variables of the page make a bus, with no right too few, and none to delete what they keep", async () => {
      const path = /--config (\S+)/.exec(start)?.[1] ?? "";
      const config = await readFile(join(ROOT, path), "utf8");
      const check = Bun.spawn([NATS_BINARY, "-t", "--config", path], { cwd: ROOT, env: { NATS_PASSWORD: "s3cret" } });
      expect(await check.exited).toBe(0);
      const authorization = config.slice(config.indexOf("authorization {"));
      server = await startNats(undefined, { config: authorization, environment: { NATS_PASSWORD: "s3cret" } });
      const given = Object.fromEntries(
        settings
          .trim()
          .split("\n")
          .map((line) => line.split("=") as [string, string]),
      );
      expect(given["NATS_URL"]).toBe(`ws://127.0.0.1:${/websocket \{[^}]*port: (\d+)/.exec(config)?.[1]}`);
      const directory = await mkdtemp(join(tmpdir(), "fraiseql-nats-password-"));
      const passwordFile = join(directory, "password");
      await writeFile(passwordFile, "s3cret\n");
      expect(Object.keys(given)).toContain("FRAISEQL_NATS_PASSWORD_FILE");
      const env = {
        ...given,
        DATABASE_URL: "postgres://me@host/db",
        NATS_URL: server.url,
        FRAISEQL_NATS_PASSWORD_FILE: passwordFile,
      };
      const { url = "", ...rest } = loadConfig({ env }).nats;
      const bus = openNatsBus({ ...rest, url, wait: realWait });
      try {
        expect((await bus.state()).lastSequence).toBe(0);
        expect(await bus.publish(messages(1, 3))).toBe(3);
        const [first, second, third] = await reader(bus).take(3);
        await first?.ack();
        await second?.working();
        await second?.retry(0);
        await third?.reject("for the test");
        expect((await bus.refused({ limit: 10 })).map(({ reason }) => reason)).toEqual(["for the test"]);
        expect((await bus.pending())[3]).toBe(1);
        const action = createPublishAction({ ...rest, url });
        const outcome = await action.run(actionInput({ subject: "cities", acknowledged: false }));
        await action.close?.();
        expect(outcome.kind).toBe("done");
        const login = await connect({ servers: url, user: "fraiseql", pass: "s3cret" });
        const deleting = (await login.jetstreamManager({ checkAPI: false })).streams.delete("FRAISEQL_EVENTS");
        const refusal = await deleting.catch((error: { code?: string }) => error.code);
        await login.close();
        expect<unknown>(refusal).toBe("PERMISSIONS_VIOLATION");
      } finally {
        await bus.close();
        await rm(directory, { recursive: true });
      }
    });

    test("wss:// has TLS, with a certificate that NODE_EXTRA_CA_CERTS names", async () => {
      const tls = join(ROOT, "test/support/tls");
      server = await startNats(undefined, {
        tls: { certificate: join(tls, "localhost.crt"), key: join(tls, "localhost.key") },
      });
      const probe = join(import.meta.dir, "tls-probe.ts");
      const run = async (env: Record<string, string>) => {
        const child = Bun.spawn([process.execPath, probe, server?.url ?? ""], {
          env: { ...process.env, ...env },
          stdout: "pipe",
        });
        return new Response(child.stdout).text();
      };
      expect(server.url).toStartWith("wss://");
      expect(await run({ NODE_EXTRA_CA_CERTS: join(tls, "localhost.crt") })).toBe("0\n");
      expect(await run({})).toBe("BUS_UNAVAILABLE\n");
    }, 20_000);
  },
);
