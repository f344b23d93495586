import type { RedisReply } from "../redis-scripts.ts";
import { RedisConnection, type RedisConnectionOptions } from "./redis-connection.ts";

export type KeptConnection = {
  /** Rejects with `RedisFailure`. What is sent in one turn of the event loop reaches the server without a gap. */
  send(command: string): Promise<RedisReply>;
  close(): void;
};

/** One connection, opened when it is needed and anew when it broke. */
export function keptConnection(options: RedisConnectionOptions): KeptConnection {
  let connection: RedisConnection | undefined;
  let isClosed = false;
  return {
    send: (command) =>
      new Promise((resolve, reject) => {
        if (!connection?.isUsable) {
          connection = new RedisConnection(options);
          if (isClosed) connection.close();
        }
        connection.send(command, (reply) => (reply instanceof Error ? reject(reply) : resolve(reply)));
      }),
    close: () => {
      isClosed = true;
      connection?.close();
    },
  };
}
