/** An edge whose schema can change while it answers: each request is answered to its end by the one it began with. */
import type { Edge } from "./edge.ts";

export type ChangingEdge = Pick<Edge, "answer" | "ready" | "report" | "bodyBytesMax" | "showsGraphiql"> & {
  /** New requests go to the next edge; the one before is closed when it has answered its last. */
  replace(next: Edge): void;
  /** Closes the current edge. */
  close(): Promise<void>;
};

type Used = { readonly edge: Edge; requests: number };

export function changingEdge(first: Edge): ChangingEdge {
  let current: Used = { edge: first, requests: 0 };
  const closeIfDone = (used: Used): void => {
    if (used !== current && used.requests === 0) used.edge.close().catch((error) => used.edge.report(error));
  };
  return {
    answer: async (request, signal) => {
      const used = current;
      used.requests += 1;
      try {
        return await used.edge.answer(request, signal);
      } finally {
        used.requests -= 1;
        closeIfDone(used);
      }
    },
    ready: () => current.edge.ready(),
    report: (error) => current.edge.report(error),
    bodyBytesMax: first.bodyBytesMax,
    showsGraphiql: first.showsGraphiql,
    replace: (next) => {
      const before = current;
      current = { edge: next, requests: 0 };
      closeIfDone(before);
    },
    close: () => current.edge.close(),
  };
}
