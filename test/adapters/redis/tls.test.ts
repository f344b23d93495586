import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { REDIS_MISSING, type RedisServer, startRedis } from "../../support/redis-server.ts";
import { tlsFile } from "../../support/tls-server.ts";

const PROBE = join(import.meta.dir, "tls-probe.ts");

async function said(url: string, authority?: string): Promise<string> {
  const child = Bun.spawn([process.execPath, PROBE, url], {
    env: { PATH: process.env["PATH"], ...(authority === undefined ? {} : { NODE_EXTRA_CA_CERTS: authority }) },
    stdout: "pipe",
  });
  return new Response(child.stdout).text();
}

describe.skipIf(REDIS_MISSING !== undefined)(`Redis over TLS${REDIS_MISSING ? `: ${REDIS_MISSING}` : ""}`, () => {
  let server: RedisServer;
  beforeAll(async () => {
    const [certificate, key] = [tlsFile("localhost.crt"), tlsFile("localhost.key")];
    server = await startRedis({ "tls-cert-file": certificate, "tls-key-file": key, "tls-auth-clients": "no" }, "tls");
  });
  afterAll(() => server.stop());

  test("is reached by a certificate that is trusted and has the name that was asked for", async () => {
    expect(await said(`rediss://localhost:${server.port}`, tlsFile("localhost.crt"))).toBe("0 available");
  });

  test("is not used by a certificate that is not trusted, or of another name", async () => {
    expect(await said(`rediss://localhost:${server.port}`)).toBe("QUEUE_UNAVAILABLE");
    expect(await said(`rediss://127.0.0.1:${server.port}`, tlsFile("localhost.crt"))).toBe("QUEUE_UNAVAILABLE");
  });

  test("a server that wants TLS is not reached without", async () => {
    expect(await said(`redis://localhost:${server.port}`)).toBe("QUEUE_UNAVAILABLE");
  });
});
