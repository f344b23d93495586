import { Redis } from "@upstash/redis/cloudflare";
import { RedisFailure, type RedisReply, type RedisScript, type RedisScripts, refusal } from "../redis-scripts.ts";

export type UpstashOptions = {
  readonly url: string;
  readonly token: string;
  /** One request, at most. */
  readonly timeoutMs: number;
};

/**
 * Scripts on a Redis behind Upstash's REST protocol, by the official client in the build that needs nothing but Web APIs.
 * Its silent retries are off (`retry: false` would still leave one): the queue repeats by itself and says so to its scripts.
 */
export function openUpstash({ url, token, timeoutMs }: UpstashOptions): RedisScripts {
  const redis = new Redis({
    url,
    token,
    retry: { retries: 0 },
    signal: () => AbortSignal.timeout(timeoutMs),
    enableTelemetry: false,
    // It would join calls of one turn to a request of another order.
    enableAutoPipelining: false,
    // It makes numbers of texts that look like some.
    automaticDeserialization: false,
  });
  const hashes = new Map<RedisScript, Promise<string>>();
  const hashOf = (script: RedisScript): Promise<string> => {
    const known = hashes.get(script) ?? sha1(script.text);
    hashes.set(script, known);
    return known;
  };
  return {
    run: async (script, prefix, args) => {
      const hash = await hashOf(script);
      try {
        return await asked(redis.evalsha(hash, [prefix], [...args]));
      } catch (error) {
        if ((error as RedisFailure).word !== "NOSCRIPT") throw error;
        return asked(redis.eval(script.text, [prefix], [...args]));
      }
    },
    close: async () => {},
  };
}

async function asked(answer: Promise<unknown>): Promise<RedisReply> {
  try {
    return ((await answer) ?? null) as RedisReply;
  } catch (error) {
    throw failureOf(error);
  }
}

/** The client's message ends with the whole command, which holds payloads: only what the server said is kept. */
function failureOf(error: unknown): RedisFailure {
  const said = error instanceof Error && error.name === "UpstashError" ? error.message : "";
  const [reason = ""] = said.replace(/^Command failed: /, "").split(", command was:");
  if (/^(unauthorized|forbidden)/i.test(reason)) return refusal("WRONGPASS the token is refused");
  // Whatever is no error of Redis comes from something in between, which may have passed the command on.
  return /^[A-Z]{2,} /.test(reason)
    ? refusal(reason)
    : new RedisFailure("lost", "no answer came from the REST address");
}

async function sha1(text: string): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-1", new TextEncoder().encode(text));
  return [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
