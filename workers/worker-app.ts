/** What a worker answers on its port: whether it lives, what lags, its metrics, and `/api`. */
import { Hono } from "hono";
import { createApi } from "../routes/api/api.ts";
import { bearerCheck } from "../routes/api/bearer-check.ts";
import { JSON_TYPE } from "../routes/media-type.ts";
import { errorResponse } from "../routes/respond.ts";
import type { Workers } from "../src/compose/workers.ts";
import { FraiseqlError } from "../src/core/errors.ts";
import type { OpenTransaction } from "../src/ports/outbox.ts";

export type WorkerAppParts = {
  readonly workers: Workers;
  readonly token: string | undefined;
  readonly bodyBytesMax: number;
  readonly report: (error: unknown) => void;
};

const NO_STORE = { "cache-control": "no-store" };

/** What the port of a worker answers: health to everybody, metrics and the API to who has the token. */
export function createWorkerApp({ workers, token, bodyBytesMax, report }: WorkerAppParts): Hono {
  const app = new Hono();
  const isAllowed = bearerCheck(token);
  // Whoever starts and stops workers has no token to ask with; it says nothing but that the process answers.
  app.get("/health/live", () => Response.json({ status: "live" }, { headers: NO_STORE }));
  app.get("/health/ready", async () => {
    const { ready, outbox, ...lags } = await workers.readiness();
    // Nobody is asked who he is here, and statements may hold anything.
    const shown =
      "oldestWriter" in outbox ? { ...outbox, oldestWriter: withoutStatement(outbox.oldestWriter) } : outbox;
    return Response.json(
      { status: ready ? "ready" : "unready", outbox: shown, ...lags },
      { status: ready ? 200 : 503, headers: NO_STORE },
    );
  });
  app.get("/metrics", async ({ req }) => {
    const refusal = await isAllowed(req.raw);
    if (refusal) return errorResponse(refusal, JSON_TYPE);
    const { text, contentType } = await workers.metrics();
    return new Response(text, { headers: { "content-type": contentType, ...NO_STORE } });
  });
  app.route("/", createApi({ operating: workers.operating, token, bodyBytesMax, report }));
  app.onError((error) => {
    report(error);
    return errorResponse(new FraiseqlError("INTERNAL_ERROR", "A fault in the worker; its log says more."), JSON_TYPE);
  });
  return app;
}

function withoutStatement(writer: OpenTransaction | null): Omit<OpenTransaction, "query"> | null {
  if (writer === null) return null;
  const { query: _, ...rest } = writer;
  return rest;
}
