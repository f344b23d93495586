/**
 * Upstash's REST protocol (upstash.com/docs/redis/features/restapi) in front of an ordinary Redis, for servers at the edge,
 * which have no TCP. Commands in a JSON body or in the path, `/pipeline`, `/multi-exec`, answers in base64 on request.
 * Not taken over: a token in the query, where logs would keep it; streams (SUBSCRIBE, MONITOR).
 */
import { ERRORS, FraiseqlError } from "../src/core/errors.ts";
import type { CommandAnswer, CommandValue, RedisCommands } from "../src/ports/redis-commands.ts";
import { holdsToken } from "./bearer-token.ts";
import { isPassedOn } from "./gateway-commands.ts";
import { readText } from "./read-request.ts";

export type GatewayOptions = {
  readonly redis: RedisCommands;
  readonly token: string;
  readonly bodyBytesMax: number;
};

type Command = readonly string[];

/** Commands of one pipeline or transaction. */
const COMMANDS_MAX = 1_000;

export function createGateway({ redis, token, bodyBytesMax }: GatewayOptions): (request: Request) => Promise<Response> {
  return async (request) => {
    try {
      if (!["GET", "HEAD", "POST", "PUT"].includes(request.method)) return refused(405, "ERR method not allowed");
      if (!(await holdsToken(request, token))) return refused(401, "Unauthorized");
      const encode = request.headers.get("upstash-encoding") === "base64" ? base64 : utf8;
      const { kind, commands } = await read(request, bodyBytesMax);
      const forbidden = commands.find((command) => !isPassedOn(command));
      if (forbidden !== undefined) {
        return refused(400, `ERR the gateway does not pass on ${(forbidden[0] ?? "").slice(0, 32).toUpperCase()}`);
      }
      if (kind === "transaction") {
        const answers = await redis.transaction(commands);
        return "error" in answers
          ? refused(400, answers.error)
          : json(
              200,
              answers.map((one) => shown(one, encode)),
            );
      }
      const answers = await redis.run(commands);
      if (kind === "pipeline")
        return json(
          200,
          answers.map((one) => shown(one, encode)),
        );
      const [only = { error: "ERR empty command" }] = answers;
      return json("error" in only ? 400 : 200, shown(only, encode));
    } catch (error) {
      if (error instanceof FraiseqlError) return refused(ERRORS[error.code].status, error.message);
      throw error;
    }
  };
}

async function read(request: Request, bytesMax: number) {
  const url = new URL(request.url);
  const path = url.pathname.split("/").filter((part) => part !== "");
  const text = request.method === "POST" || request.method === "PUT" ? await readText(request, bytesMax) : "";
  const [first] = path;
  if (path.length === 1 && (first === "pipeline" || first === "multi-exec")) {
    const commands = parsed(text);
    if (!Array.isArray(commands) || commands.length > COMMANDS_MAX) {
      throw bad(`ERR expected an array of at most ${COMMANDS_MAX} commands`);
    }
    return { kind: first === "pipeline" ? "pipeline" : "transaction", commands: commands.map(commandOf) } as const;
  }
  if (path.length === 0) return { kind: "single", commands: [commandOf(parsed(text))] } as const;
  // A body is the last argument but for options, which come as parameters of the URL.
  const options = [...url.searchParams].flatMap(([name, value]) => (value === "" ? [name] : [name, value]));
  return { kind: "single", commands: [[...path.map(unescaped), ...(text === "" ? [] : [text]), ...options]] } as const;
}

function commandOf(value: unknown): Command {
  const fits = (part: unknown) => ["string", "number", "boolean"].includes(typeof part);
  if (!Array.isArray(value) || value.length === 0 || !value.every(fits)) {
    throw bad("ERR expected a command, an array of texts and numbers");
  }
  return value.map(String);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw bad("ERR failed to parse the command: the body is not JSON");
  }
}

function unescaped(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw bad("ERR the path is not well-formed");
  }
}

const bad = (message: string) => new FraiseqlError("REQUEST_ERROR", message);

type Encode = (bytes: string, depth: number) => string;

/** The client takes a lone OK as it is and decodes all else. */
const base64: Encode = (bytes, depth) => (depth === 0 && bytes === "OK" ? bytes : btoa(bytes));
const BEYOND_ASCII = /[\u0080-\u00ff]/;
const utf8: Encode = (text) => {
  if (!BEYOND_ASCII.test(text)) return text;
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at += 1) bytes[at] = text.charCodeAt(at);
  return new TextDecoder().decode(bytes);
};

function shown(answer: CommandAnswer, encode: Encode): CommandAnswer {
  return "error" in answer ? { error: utf8(answer.error, 0) } : { result: encoded(answer.result, encode, 0) };
}

function encoded(value: CommandValue, encode: Encode, depth: number): CommandValue {
  if (typeof value === "string") return encode(value, depth);
  return Array.isArray(value) ? value.map((part: CommandValue) => encoded(part, encode, depth + 1)) : value;
}

function refused(status: number, error: string): Response {
  return json(status, { error });
}

function json(status: number, body: unknown): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { "content-type": "application/json", "cache-control": "no-store" },
  });
}
