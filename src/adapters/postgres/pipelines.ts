/** Few connections on which quick statements that come together go out one behind the other. */
import { setImmediate } from "node:timers";
import { knownError } from "../../core/errors.ts";
import type { Caller, Statement } from "../../ports/database.ts";
import type { Connection } from "./connection/connection.ts";
import type { Lease, Pool, PoolSettings } from "./connection/pool.ts";
import { createWaitingLine } from "./connection/waiting-line.ts";
import { createPipeline, type Ended, type Pipeline, type PipelineParts } from "./pipeline.ts";
import { createPipelineWidth } from "./pipeline-width.ts";

export type Pipelines = {
  /** Whether they are for a statement that comes now. @param others - quick ones that run on connections of their own */
  accept(others: number): boolean;
  /** @param before - in front of it, in its transaction */
  run(statement: Statement, before: readonly Statement[], caller: Caller | undefined): Promise<Ended>;
  /** Somebody is about to wait for a connection of its own: one on which nothing runs is given back. */
  makeRoom(): void;
  close(): void;
};

type Parts = PipelineParts & { readonly pool: Pool<Connection> };

/** So many share one wake-up of PostgreSQL's process and of ours; with more, the first of them waits for the last. */
const DEPTH = 8;
/** For each pipeline: with less there is nothing behind what runs, and a connection of its own is quicker. */
const CROWD = 2;
/** Who writes in a crowd comes back only after its answer; so long the crowd is thought to be there, and its pipelines stay. */
const CROWD_MS = 20;

/**
 * While PostgreSQL works at one statement the next are on their way, and what comes within one turn of the event loop is sent
 * in one piece. Who leaves before the statement goes out is taken out of the line; later it is not cancelled, since that
 * could hit the one behind it.
 */
export function createPipelines(parts: Parts, settings: PoolSettings): Pipelines {
  const { pool, now } = parts;
  // One connection is left to transactions of several statements.
  const width = createPipelineWidth(settings.connectionsMax - 1, now);
  const line = createWaitingLine<Pipeline>(settings);
  let pipelines: Pipeline[] = [];
  let crowdUntil = Number.NEGATIVE_INFINITY;
  let timer: ReturnType<typeof setInterval> | undefined;
  let isScheduled = false;
  let isAsking = false;

  const open = (lease: Lease<Connection>): Pipeline => {
    const pipeline = createPipeline(lease, parts, ({ took, wasNext }) => {
      if (wasNext) width.took(took);
      if (line.length() > 0) schedule();
      // Somebody waits for a connection of its own.
      if (pipeline.length() === 0 && pool.waiting() > 0) end(pipeline);
    });
    pipelines.push(pipeline);
    timer ??= setInterval(endIdle, CROWD_MS);
    return pipeline;
  };

  const end = (pipeline: Pipeline): void => {
    pipelines = pipelines.filter((each) => each !== pipeline);
    pipeline.end((isReset) => (isReset ? pool.giveBack(pipeline.lease) : pool.drop(pipeline.lease)));
  };

  const endIdle = (): void => {
    const most = now() < crowdUntil ? width.now() : 0;
    for (const [place, each] of pipelines.entries()) if (place >= most && each.length() === 0) end(each);
    if (pipelines.length > 0) return;
    clearInterval(timer);
    timer = undefined;
  };

  const withRoom = (): Pipeline | undefined => {
    let shortest: Pipeline | undefined;
    const most = width.now();
    for (const each of pipelines.slice(0, most)) if (!shortest || each.length() < shortest.length()) shortest = each;
    const length = shortest?.length() ?? DEPTH;
    const lease = length > 0 && pipelines.length < most ? pool.take() : undefined;
    if (lease) return open(lease);
    return length < DEPTH ? shortest : undefined;
  };

  const schedule = (): void => {
    if (isScheduled) return;
    isScheduled = true;
    setImmediate(flush);
  };

  const flush = (): void => {
    isScheduled = false;
    pipelines = pipelines.filter(({ lease }) => !lease.gone);
    while (line.length() > 0) {
      const pipeline = withRoom();
      if (!pipeline) break;
      line.next()?.(pipeline);
    }
    for (const pipeline of pipelines) pipeline.flush();
    if (pipelines.length === 0 && line.length() > 0 && !isAsking) void ask();
  };

  /** Where all connections are in use. */
  const ask = async (): Promise<void> => {
    isAsking = true;
    try {
      open(await pool.wait());
    } catch (error) {
      line.refuseAll(knownError(error));
    }
    isAsking = false;
    flush();
  };

  return {
    accept(others) {
      const most = width.now();
      const running = pipelines.reduce((sum, each) => sum + each.length(), others + line.length());
      if (running >= most * CROWD) crowdUntil = now() + CROWD_MS;
      return most > 0 && now() < crowdUntil;
    },
    run: (statement, before, caller) =>
      new Promise((ended, refuse) => {
        line.add({ take: (pipeline) => pipeline.add({ statement, before, ended }), refuse }, caller);
        schedule();
      }),
    makeRoom() {
      const idle = pipelines.find(({ length }) => length() === 0);
      if (idle) end(idle);
    },
    close() {
      clearInterval(timer);
      line.close();
    },
  };
}
