import { createGateway } from "../../routes/gateway.ts";
import { openRedisCommands } from "../../src/adapters/redis/tcp/open-commands.ts";

export const GATEWAY_TOKEN = "a-token-of-at-least-32-characters";

export type ServedGateway = {
  readonly url: string;
  readonly port: number;
  stop(): Promise<void>;
};

/** The gateway on a free port, in front of the given Redis. */
export function serveGateway(redisUrl: string, bodyBytesMax = 4_194_304): ServedGateway {
  const redis = openRedisCommands({
    url: redisUrl,
    connectTimeoutMs: 1_000,
    replyTimeoutMs: 2_000,
    allowUnsafe: false,
  });
  const gateway = createGateway({ redis, token: GATEWAY_TOKEN, bodyBytesMax });
  const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: gateway, development: false });
  return {
    url: `http://127.0.0.1:${server.port}`,
    port: server.port ?? 0,
    stop: async () => {
      await server.stop(true);
      await redis.close();
    },
  };
}
