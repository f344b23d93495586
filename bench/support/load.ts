import { fileURLToPath } from "node:url";
import { linesOf } from "../../test/support/lines-of.ts";

/** One run of load against one server of this machine. */
export type LoadOrder = {
  readonly port: number;
  readonly path: string;
  /** Request bodies (JSON text), sent in turn. */
  readonly bodies: readonly string[];
  readonly connections: number;
  /** How long new requests are sent; outstanding answers are awaited on top. */
  readonly milliseconds: number;
};

/** `milliseconds` runs to the last answer; p50 and p99 are milliseconds per request; `failed` counts answers other than 200. */
export type LoadResult = {
  readonly requests: number;
  readonly failed: number;
  readonly milliseconds: number;
  readonly p50: number;
  readonly p99: number;
};

export type LoadGenerator = {
  run(order: LoadOrder): Promise<LoadResult>;
  stop(): void;
};

/**
 * Starts a load generator in a process of its own. One runs one order at a time; start several for mixed load.
 *
 * @throws Error from `run` when a server closes a connection or answers nothing but failures.
 */
export function startLoadGenerator(): LoadGenerator {
  const child = Bun.spawn([process.execPath, fileURLToPath(new URL("load-process.ts", import.meta.url))], {
    stdin: "pipe",
    stdout: "pipe",
    stderr: "inherit",
  });
  const lines = linesOf(child.stdout);
  return {
    async run(order) {
      child.stdin.write(`${JSON.stringify(order)}\n`);
      child.stdin.flush();
      const { value: line } = await lines.next();
      const answer = JSON.parse(line ?? '{"error":"The load generator ended."}') as
        | LoadResult
        | { readonly error: string };
      if ("error" in answer) throw new Error(`Load on port ${order.port}: ${answer.error}`);
      if (answer.failed > 0)
        throw new Error(`Load on port ${order.port}: ${answer.failed} of ${answer.requests} answers were no 200.`);
      return answer;
    },
    stop: () => child.kill(),
  };
}
