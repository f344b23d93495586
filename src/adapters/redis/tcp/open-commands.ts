import { FraiseqlError } from "../../../core/errors.ts";
import type { CommandAnswer, CommandValue, RedisCommands } from "../../../ports/redis-commands.ts";
import { RedisFailure, type RedisReply } from "../redis-scripts.ts";
import { keptConnection } from "./kept-connection.ts";
import type { RedisOptions } from "./open-redis.ts";
import { framed } from "./redis-connection.ts";
import { redisAddress } from "./redis-url.ts";
import type { ReplyRoom } from "./resp-reader.ts";

/** Answers of one call, together: they are held until the last one is there. Bytes. */
const ANSWER_BYTES_MAX = 67_108_864;
const newRoom = (): ReplyRoom => ({ left: ANSWER_BYTES_MAX, max: ANSWER_BYTES_MAX });

/**
 * The `RedisCommands` port over TCP, all callers on one connection: who passes on commands that change what a connection is
 * (SELECT, SUBSCRIBE, BLPOP, WATCH …) changes it for all of them.
 *
 * @throws FraiseqlError CONFIG_INVALID for a URL that is none
 */
export function openRedisCommands({ url, ...rest }: RedisOptions): RedisCommands {
  const connection = keptConnection({ ...rest, address: redisAddress(url), encoding: "latin1" });
  const answer = (command: readonly string[], room: ReplyRoom): Promise<CommandAnswer> =>
    connection.send(framed(command), room).then((reply) => ({ result: commandValue(reply) }), errorOf);
  return {
    run: (commands) => {
      const room = newRoom();
      return Promise.all(commands.map((command) => answer(command, room)));
    },
    transaction: async (commands) => {
      const room = newRoom();
      const answers = await Promise.all(
        [["MULTI"], ...commands, ["EXEC"]].map((command) => connection.send(framed(command), room).catch(asReply)),
      );
      const executed = answers.at(-1) ?? null;
      if (executed instanceof RedisFailure) return { error: executed.message };
      return (Array.isArray(executed) ? executed : []).map((reply: RedisReply) =>
        reply instanceof RedisFailure ? { error: reply.message } : { result: commandValue(reply) },
      );
    },
    close: async () => connection.close(),
  };
}

/** What a server answers is an answer, errors too; all else means that there is none. */
function asReply(error: unknown): RedisFailure {
  if (error instanceof RedisFailure && error.kind === "refused") return error;
  const message = "Redis is not reachable; try again shortly.";
  throw new FraiseqlError("QUEUE_UNAVAILABLE", message, { cause: error });
}

function errorOf(error: unknown): { readonly error: string } {
  return { error: asReply(error).message };
}

function commandValue(reply: RedisReply): CommandValue {
  if (reply instanceof RedisFailure) return reply.message;
  return Array.isArray(reply) ? reply.map(commandValue) : (reply as CommandValue);
}
