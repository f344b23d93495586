import { createFaultLog } from "../../routes/fault-log.ts";
import { listenOn, type Served, verifyOrWait } from "../../routes/run-server.ts";
import { serveWithBun } from "../../routes/serve.bun.ts";
import { type ChangingEdge, changingEdge } from "../compose/changing-edge.ts";
import { type Edge, openEdge } from "../compose/edge.ts";
import type { Config } from "../config/schema.ts";
import { FraiseqlError } from "../core/errors.ts";
import { compileApart } from "./compile-apart.ts";
import { watchSchema } from "./watch-schema.ts";

export type DevEvents = {
  listening(url: string): void;
  /** The schema is in use, so many milliseconds after its change was seen. */
  live(source: string, milliseconds: number): void;
  /** The schema was not taken up; `isServing` says whether one before it still answers. */
  refused(error: FraiseqlError, isServing: boolean): void;
};

export type DevSession = {
  /** Rejects when the session cannot go on. */
  readonly fault: Promise<never>;
  end(): Promise<void>;
};

export type DevSessionInput = {
  readonly source: string;
  readonly config: Config;
  readonly events: DevEvents;
  readonly log: (line: string) => void;
};

/** Compiles, serves, and compiles again at each change, one at a time. */
export function startDevSession({ source, config, events, log }: DevSessionInput): DevSession {
  const report = createFaultLog(log);
  let edge: ChangingEdge | undefined;
  let served: Served | undefined;
  const { promise: fault, reject } = Promise.withResolvers<never>();

  const takeUp = async (): Promise<void> => {
    const begun = performance.now();
    try {
      const artifact = await compileApart(source);
      const next = await verifiedEdge({ config, artifact, report }, log);
      if (edge) edge.replace(next);
      else {
        edge = changingEdge(next);
        served = listenOn(serveWithBun, edge, config);
        events.listening(served.url);
      }
      events.live(source, Math.round(performance.now() - begun));
    } catch (error) {
      if (!(error instanceof FraiseqlError) || error.code === "CONFIG_INVALID") throw error;
      events.refused(error, edge !== undefined);
    }
  };

  const changed = lastOneCounts(async () => {
    // A broken schema may have lost or won an import, too.
    watched.refresh();
    await takeUp();
  }, reject);
  const watched = watchSchema(source, changed);
  changed();
  return {
    fault,
    end: async () => {
      watched.close();
      await served?.stop();
      await edge?.close();
    },
  };
}

async function verifiedEdge(input: Parameters<typeof openEdge>[0], log: (line: string) => void): Promise<Edge> {
  const edge = await openEdge(input);
  try {
    await verifyOrWait(edge, log);
    return edge;
  } catch (error) {
    await edge.close();
    throw error;
  }
}

/** Runs a task at each call, but never two at once: calls during a run make one more run after it. */
function lastOneCounts(task: () => Promise<void>, failed: (error: unknown) => void): () => void {
  let isRunning = false;
  let isWanted = false;
  const run = async (): Promise<void> => {
    isRunning = true;
    do {
      isWanted = false;
      await task();
    } while (isWanted);
    isRunning = false;
  };
  return () => {
    isWanted = true;
    if (!isRunning) run().catch(failed);
  };
}
