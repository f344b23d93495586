import type { RedisReply } from "../redis-scripts.ts";
import { RedisConnection, type RedisConnectionOptions } from "./redis-connection.ts";
import type { ReplyRoom } from "./resp-reader.ts";

export type KeptConnection = {
  /**
   * Rejects with `RedisFailure`, an answer for which there is no room too. What is sent in one turn of the event loop reaches
   * the server without a gap.
   */
  send(command: string, room?: ReplyRoom): Promise<RedisReply>;
  close(): void;
};

/** One connection, opened when it is needed and anew when it broke. */
export function keptConnection(options: RedisConnectionOptions): KeptConnection {
  let connection: RedisConnection | undefined;
  let isClosed = false;
  return {
    send: (command, room) =>
      new Promise((resolve, reject) => {
        if (!connection?.isUsable) {
          connection = new RedisConnection(options);
          if (isClosed) connection.close();
        }
        connection.send(command, (reply) => (reply instanceof Error ? reject(reply) : resolve(reply)), room);
      }),
    close: () => {
      isClosed = true;
      connection?.close();
    },
  };
}
