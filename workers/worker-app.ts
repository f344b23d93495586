/** What a worker answers on its port: whether it lives, what lags, its metrics, and `/api`. */
import { Hono } from "hono";
import { createApi } from "../routes/api/api.ts";
import { bearerCheck } from "../routes/api/bearer-check.ts";
import { JSON_TYPE } from "../routes/media-type.ts";
import { errorResponse } from "../routes/respond.ts";
import type { Workers } from "../src/compose/workers.ts";
import { FraiseqlError } from "../src/core/errors.ts";

export type WorkerAppParts = {
  readonly workers: Workers;
  readonly token: string | undefined;
  readonly bodyBytesMax: number;
  readonly report: (error: unknown) => void;
};

const NO_STORE = { "cache-control": "no-store" };

export function createWorkerApp({ workers, token, bodyBytesMax, report }: WorkerAppParts): Hono {
  const app = new Hono();
  const isAllowed = bearerCheck(token);
  // Whoever starts and stops workers has no token to ask with; it says nothing but that the process answers.
  app.get("/health/live", () => Response.json({ status: "live" }, { headers: NO_STORE }));
  app.get("/health/ready", async () => {
    const { ready, ...lags } = await workers.readiness();
    return Response.json(
      { status: ready ? "ready" : "unready", ...lags },
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
