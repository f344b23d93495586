import { ErrorCode, NatsError } from "nats.ws";
import { FraiseqlError } from "../../core/errors.ts";

/** @param message - for whoever operates it: what could not be done */
export function unavailable(message: string, cause?: unknown): FraiseqlError {
  return new FraiseqlError("BUS_UNAVAILABLE", message, cause === undefined ? {} : { cause });
}

/** nats-server 2.9 says nothing of a disk that is full: it stands still within a lock, and its connections stay open. */
const SILENT =
  "NATS does not answer. Where its disk is full JetStream falls silent, and has to be restarted when there is room.";

/** The client's errors say little and may name addresses: they are for the log. */
export function failureOf(error: unknown): FraiseqlError {
  if (error instanceof FraiseqlError) return error;
  const isSilent = error instanceof NatsError && error.code === ErrorCode.Timeout;
  return unavailable(isSilent ? SILENT : "The event bus cannot be reached; try again shortly.", error);
}
