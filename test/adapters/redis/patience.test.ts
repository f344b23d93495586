/** How long a server may be silent: while it is connected to, and while it owes a reply. */
import { expect, test } from "bun:test";
import { createServer, type Socket } from "node:net";
import { openRedis } from "../../../src/adapters/redis/tcp/open-redis.ts";

const SCRIPT = { name: "any", text: "return 1" };
const SLOW_MS = 1_500;

/** Answers PING at once, and each script so much later. */
async function slowRedis() {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("data", (bytes) => {
      const asked = bytes.toString();
      for (const [command] of asked.matchAll(/PING|EVALSHA/g)) {
        if (command === "PING") socket.write("+PONG\r\n");
        else setTimeout(() => socket.write(":1\r\n"), SLOW_MS);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `redis://127.0.0.1:${(server.address() as { port: number }).port}`,
    stop: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

test("the first reply may take as long as any other, however short the time for connecting is", async () => {
  const server = await slowRedis();
  const scripts = openRedis({
    url: server.url,
    connectTimeoutMs: SLOW_MS / 2,
    replyTimeoutMs: SLOW_MS * 20,
    allowUnsafe: true,
  });
  try {
    expect(await scripts.run(SCRIPT, "{a}:", [])).toBe(1);
    expect(await scripts.run(SCRIPT, "{a}:", [])).toBe(1);
  } finally {
    await scripts.close();
    server.stop();
  }
});
