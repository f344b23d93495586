/** What a script may do behind the gateway is for Redis to say: the access list of docs/operating/redis.md keeps it in bounds. */
import { expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { GATEWAY_TOKEN, serveGateway } from "../support/gateway.ts";
import { REDIS_MISSING, startRedis } from "../support/redis-server.ts";

const page = await readFile(join(import.meta.dir, "../../docs/operating/redis.md"), "utf8");
const rights = /```acl\n([^`]*)```/.exec(page)?.[1]?.trim() ?? "";

test.skipIf(REDIS_MISSING !== undefined)(
  "a script removes, lists, sets up and reads only what its user may",
  async () => {
    const server = await startRedis({ user: ["queue", "on", ">s3cret", ...rights.split(" ")] });
    const gateway = serveGateway(server.url.replace("//", "//queue:s3cret@"));
    const run = async (...command: string[]) => {
      const init = {
        method: "POST",
        headers: { authorization: `Bearer ${GATEWAY_TOKEN}` },
        body: JSON.stringify(command),
      };
      const response = await fetch(gateway.url, init);
      return (await response.json()) as { result?: unknown; error?: string };
    };
    const script = (text: string) => run("EVAL", text, "0");
    try {
      expect(await script("return redis.call('SET', '{fraiseql}:mine', '1')")).toEqual({ result: "OK" });
      for (const call of [
        "'FLUSHALL'",
        "'KEYS', '*'",
        "'CONFIG', 'GET', '*'",
        "'ACL', 'LIST'",
        "'SWAPDB', 0, 1",
        "'GET', 'other'",
      ]) {
        const { error } = await script(`return redis.call(${call})`);
        expect([call, error]).toEqual([
          call,
          expect.stringMatching(/can't run this command|can't access at least one|not allowed/),
        ]);
      }
      expect(await run("GET", "{fraiseql}:mine")).toEqual({ result: "1" });
    } finally {
      await gateway.stop();
      await server.stop();
    }
  },
);
