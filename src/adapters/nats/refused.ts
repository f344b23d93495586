/** Messages nobody understands, as they are kept: the body as it was, the rest in headers. */
import { headers } from "nats.ws";

/** The headers of a refused message: what `refused` reads. */
export function refusedHeaders(id: string, subject: string, reason: string) {
  const told = headers();
  told.set("Fraiseql-Id", id);
  told.set("Fraiseql-Subject", subject);
  // A header is one line of ASCII.
  told.set("Fraiseql-Reason", encodeURIComponent(reason.slice(0, 1_000).replaceAll(/[\ud800-\udfff]/g, "?")));
  return told;
}
