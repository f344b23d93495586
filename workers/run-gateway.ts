/** The gateway's port: Upstash's REST protocol in front of an ordinary Redis. */
import { createGateway } from "../routes/gateway.ts";
import { openGatewayRedis } from "../src/compose/gateway-redis.ts";
import type { Config } from "../src/config/schema.ts";

/**
 * Answers until the signal, and says where.
 *
 * @throws FraiseqlError CONFIG_INVALID without a Redis or a token
 */
export async function runGateway(
  config: Config,
  { signal, onListening }: { readonly signal: AbortSignal; readonly onListening: (url: string) => void },
): Promise<void> {
  const { redis, token } = openGatewayRedis(config);
  const { host, port, bodyBytesMax } = config.gateway;
  const answer = createGateway({ redis, token, bodyBytesMax });
  const server = Bun.serve({
    hostname: host,
    port,
    development: false,
    reusePort: false,
    // The gateway counts the body itself.
    maxRequestBodySize: Number.MAX_SAFE_INTEGER,
    fetch: answer,
  });
  onListening(new URL(server.url).origin);
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
  await server.stop();
  await redis.close();
}
