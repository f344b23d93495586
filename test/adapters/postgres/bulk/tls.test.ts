/** TLS and channel binding with a real server: whether a hash is the right one, PostgreSQL says, who computes its own. */

import { afterAll, beforeAll, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { connect as connectTls, TLSSocket } from "node:tls";
import { openBulkReader } from "../../../../src/adapters/postgres/bulk/bulk-reader.ts";
import { openBunWire } from "../../../../src/adapters/postgres/bulk/bun-wire.ts";
import { openNodeWire } from "../../../../src/adapters/postgres/bulk/node-wire.ts";
import type { OpenWire } from "../../../../src/adapters/postgres/bulk/wire.ts";
import { SSL_REQUEST_MESSAGE } from "../../../../src/adapters/postgres/connection/wire-messages.ts";
import { openDatabase } from "../../../../src/adapters/postgres/database.ts";
import { FraiseqlError } from "../../../../src/core/errors.ts";
import { startTlsServer, type TlsServer, tlsFile } from "../../../support/tls-server.ts";
import { untilSessions } from "../../../support/until.ts";
import { rowsOf } from "./rows-of.ts";

let server: TlsServer;
beforeAll(async () => {
  server = await startTlsServer();
});
afterAll(() => server.stop());

const authority = (name: string) => readFileSync(tlsFile(`authority-${name}.crt`), "utf8");
const HOW = "select current_user::text, ssl::text from pg_stat_ssl where pid = pg_backend_pid()";

/** Who logged in and whether over TLS, or why not. */
async function logIn(url: string, rootCertificate?: string, openWire: OpenWire = openNodeWire): Promise<string> {
  const reader = openBulkReader({ url, openWire, ...(rootCertificate !== undefined && { rootCertificate }) });
  try {
    const result = await reader.open({ text: HOW, values: [] });
    const [row] = rowsOf((await result.read()) ?? new Uint8Array());
    await result.close();
    return `${row?.[0]} ${row?.[1]}`;
  } catch (error) {
    if (!(error instanceof FraiseqlError)) throw error;
    return `${error.code}: ${error.cause instanceof Error ? error.cause.message : error.message}`;
  } finally {
    await reader.close();
  }
}

const HASHES = ["sha1", "sha256", "sha384", "sha512"];
const KINDS = ["rsa", "ecdsa", "pss"].flatMap((kind) => HASHES.map((hash) => `${kind}-${hash}`));
test.each(KINDS)("a login is bound to a certificate signed with %s", async (kind) => {
  await server.present(kind);
  expect(await logIn(server.url("sslmode=require&channel_binding=require"))).toBe("in_scram true");
});

test("a certificate without a hash function of its own cannot be bound to", async () => {
  await server.present("ed25519");
  expect(await logIn(server.url("sslmode=require"))).toBe("in_scram true");
  expect(await logIn(server.url("sslmode=require&channel_binding=require"))).toContain("channel binding is required");
});

test("verify-full wants the authority and the name, verify-ca the authority", async () => {
  await server.present("rsa-sha256");
  const [full, ca] = [server.url("sslmode=verify-full"), server.url("sslmode=verify-ca")];
  const byAddress = (url: string) => url.replace("@localhost:", "@127.0.0.1:");
  expect(await logIn(full, authority("rsa"))).toBe("in_scram true");
  expect(await logIn(byAddress(full), authority("rsa"))).toStartWith("DATABASE_UNAVAILABLE");
  expect(await logIn(full, authority("ec"))).toStartWith("DATABASE_UNAVAILABLE");
  expect(await logIn(full)).toStartWith("DATABASE_UNAVAILABLE");
  expect(await logIn(byAddress(ca), authority("rsa"))).toBe("in_scram true");
  expect(await logIn(ca, authority("ec"))).toStartWith("DATABASE_UNAVAILABLE");
  // As libpq does: who names an authority wants it asked.
  expect(await logIn(server.url("sslmode=require"), authority("rsa"))).toBe("in_scram true");
  expect(await logIn(server.url("sslmode=require"), authority("ec"))).toStartWith("DATABASE_UNAVAILABLE");
});

test.each(["in_clear", "in_md5"])("%s logs in over TLS", async (role) => {
  expect(await logIn(server.url("sslmode=require", role))).toBe(`${role} true`);
  expect(await logIn(server.url("sslmode=require&channel_binding=require", role))).toContain("channel binding");
});

const WIRES: [string, OpenWire][] = [
  ["node:net", openNodeWire],
  ["Bun.connect", openBunWire],
];
test.each(WIRES)(
  "over %s, the server is asked for TLS as the mode says, and a Unix socket has none",
  async (_, wire) => {
    for (const [mode, how] of [
      ["sslmode=disable", "in_scram false"],
      ["sslmode=prefer", "in_scram true"],
      ["sslmode=require&channel_binding=require", "in_scram true"],
      [`host=${server.socketDirectory}`, "in_scram false"],
    ] as const) {
      expect(await logIn(server.url(mode), undefined, wire)).toBe(how);
    }
    expect(await logIn(server.url("sslmode=verify-full"), authority("rsa"), wire)).toBe("in_scram true");
    expect(await logIn(server.url("sslmode=verify-full"), authority("ec"), wire)).toStartWith("DATABASE_UNAVAILABLE");
  },
);

test("without TLS there is nothing to be bound to", async () => {
  expect(await logIn(server.url("sslmode=disable"))).toBe("in_scram false");
  expect(await logIn(server.url("sslmode=disable&channel_binding=require"))).toContain("channel binding is required");
});

test("who decrypts and encrypts again on the way is found out by the binding", async () => {
  const middle = await manInTheMiddle(Number(new URL(server.url("")).port));
  const through = (parameters: string) => {
    const url = new URL(server.url(parameters));
    url.port = String(middle.port);
    return url.href;
  };
  expect(await logIn(through("sslmode=require&channel_binding=disable"))).toBe("in_scram true");
  expect(await logIn(through("sslmode=require"))).toContain("channel binding check failed");
  const database = openDatabase({ url: through("sslmode=require") });
  await expect(database.rows({ text: HOW, values: [] })).rejects.toMatchObject({ code: "DATABASE_UNAVAILABLE" });
  await database.close();
  middle.close();
});

test("a reader that stalls makes the server wait over TLS too, and an abort ends the statement", async () => {
  const watcher = openDatabase({ url: server.url("sslmode=require"), applicationName: "watcher" });
  const untilBackends = (count: number, condition: string) =>
    untilSessions(watcher, count, `application_name = 'bulk' and ${condition}`);
  const reader = openBulkReader({ url: server.url("sslmode=require"), applicationName: "bulk" });
  const client = new AbortController();
  const long = { text: "select repeat('x', 1000) from generate_series(1, 50000)", values: [] };
  const result = await reader.open(long);
  await result.read();
  await untilBackends(1, "wait_event = 'ClientWrite'");
  let rows = 0;
  for (let bytes = await result.read(); bytes; bytes = await result.read()) rows += rowsOf(bytes).length;
  expect(rows).toBeGreaterThan(40_000);
  const aborted = await reader.open(long, { signal: client.signal });
  client.abort();
  await expect(aborted.read()).rejects.toMatchObject({ code: "REQUEST_CANCELLED" });
  await untilBackends(0, "true");
  await reader.close();
  await watcher.close();
});

/** Shows another certificate to the client, and is a client of the real server itself. */
async function manInTheMiddle(serverPort: number): Promise<{ readonly port: number; close(): void }> {
  const sockets = new Set<Socket>();
  const keep = <S extends Socket>(socket: S): S => {
    sockets.add(socket.on("error", () => undefined));
    return socket;
  };
  const listener = createServer((client) => {
    keep(client).once("data", () => {
      const plain = keep(connect(serverPort, "127.0.0.1"));
      plain.write(SSL_REQUEST_MESSAGE);
      plain.once("data", () => {
        const upstream = keep(connectTls({ socket: plain, rejectUnauthorized: false }));
        client.write("S");
        const identity = {
          key: readFileSync(tlsFile("server.key")),
          cert: readFileSync(tlsFile("server-ecdsa-sha256.crt")),
        };
        const downstream = keep(new TLSSocket(client, { isServer: true, ...identity }));
        downstream.pipe(upstream).pipe(downstream);
      });
    });
  });
  await new Promise<void>((resolve) => {
    listener.listen(0, "127.0.0.1", resolve);
  });
  return {
    port: (listener.address() as { port: number }).port,
    close: () => {
      listener.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
