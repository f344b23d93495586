/** An edge whose schema can change while it answers: each request is answered to its end by the one it began with. */
import type { Edge } from "./edge.ts";

export type ChangingEdge = Pick<
  Edge,
  "answer" | "table" | "ready" | "report" | "bodyBytesMax" | "showsGraphiql" | "shownSchema" | "allowedHosts"
> & {
  /** New requests go to the next edge; the one before is closed when it has answered its last. */
  replace(next: Edge): void;
  /** Closes the current edge. */
  close(): Promise<void>;
};

type Used = { readonly edge: Edge; requests: number };

/** An edge in whose place another can be put: what has begun ends with the one it began with, which is then closed. */
export function changingEdge(first: Edge): ChangingEdge {
  let current: Used = { edge: first, requests: 0 };
  const { shownSchema } = first;
  const closeIfDone = (used: Used): void => {
    if (used !== current && used.requests === 0) used.edge.close().catch((error) => used.edge.report(error));
  };
  return {
    answer: async (request, caller, writing) => {
      const used = current;
      used.requests += 1;
      try {
        return await used.edge.answer(request, caller, writing);
      } finally {
        used.requests -= 1;
        closeIfDone(used);
      }
    },
    table: async (request, options) => {
      const used = current;
      used.requests += 1;
      const end = (): void => {
        used.requests -= 1;
        closeIfDone(used);
      };
      const outcome = await used.edge.table(request, options);
      if (outcome.kind === "exported" && "rest" in outcome.exported && outcome.exported.rest) {
        return { ...outcome, exported: { ...outcome.exported, rest: withEnd(outcome.exported.rest, end) } };
      }
      end();
      return outcome;
    },
    ready: () => current.edge.ready(),
    report: (error) => current.edge.report(error),
    bodyBytesMax: first.bodyBytesMax,
    showsGraphiql: first.showsGraphiql,
    shownSchema: shownSchema && (() => (current.edge.shownSchema ?? shownSchema)()),
    allowedHosts: first.allowedHosts,
    replace: (next) => {
      const before = current;
      current = { edge: next, requests: 0 };
      closeIfDone(before);
    },
    close: () => current.edge.close(),
  };
}

/** The same chunks; `end` is called once they are all read, broken off or given up. */
function withEnd(chunks: AsyncIterableIterator<Uint8Array>, end: () => void): AsyncIterableIterator<Uint8Array> {
  let finish: (() => void) | undefined = end;
  const ended = (): void => {
    finish?.();
    finish = undefined;
  };
  const watched: AsyncIterableIterator<Uint8Array> = {
    next: async () => {
      try {
        const result = await chunks.next();
        if (result.done) ended();
        return result;
      } catch (error) {
        ended();
        throw error;
      }
    },
    return: async () => {
      ended();
      await chunks.return?.();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]: () => watched,
  };
  return watched;
}
