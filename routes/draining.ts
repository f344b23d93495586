/** Between the word to stop and the closed port: balancers are told, and clients let go of, while all goes on to be answered. */
import { FraiseqlError } from "../src/core/errors.ts";
import type { RouteParts } from "./route-parts.ts";

export type Draining = {
  /** The parts as given, but `ready` says no once it has begun. */
  readonly parts: RouteParts;
  /** The answer, which is the last on its connection once it has begun: a client does not find it closed by its next request. */
  answered(answer: Response | Promise<Response>): Response | Promise<Response>;
  begin(): void;
};

/** For one server. */
export function createDraining(parts: RouteParts): Draining {
  let hasBegun = false;
  const stopping = () => Promise.reject(new FraiseqlError("SERVER_STOPPING", "The server is stopping; ask another."));
  return {
    parts: { ...parts, ready: () => (hasBegun ? stopping() : parts.ready()) },
    // A promise for each answer would be paid for by each operation.
    answered: (answer) => (hasBegun ? lastOf(answer) : answer),
    begin: () => {
      hasBegun = true;
    },
  };
}

async function lastOf(answer: Response | Promise<Response>): Promise<Response> {
  const response = await answer;
  response.headers.set("connection", "close");
  return response;
}
