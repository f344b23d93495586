/** `/health/live`: the process answers. `/health/ready`: it can answer operations, so traffic may come. */
import { FraiseqlError, retryAfterSeconds } from "../src/core/errors.ts";
import type { RouteParts } from "./route-parts.ts";

const NO_STORE = { "cache-control": "no-store" };

/** The process runs; it says nothing of the database. */
export function live(): Response {
  return Response.json({ status: "live" }, { headers: NO_STORE });
}

/** 200 when operations can be answered; 503 with a code when the database is away or another than the artifact's. */
export async function ready(parts: RouteParts): Promise<Response> {
  try {
    await parts.ready();
    return Response.json({ status: "ready" }, { headers: NO_STORE });
  } catch (error) {
    if (!(error instanceof FraiseqlError)) throw error;
    const { code, message } = error;
    const seconds = retryAfterSeconds(code);
    const headers = { ...NO_STORE, ...(seconds !== undefined && { "retry-after": String(seconds) }) };
    return Response.json({ status: "unready", code, message }, { status: 503, headers });
  }
}
