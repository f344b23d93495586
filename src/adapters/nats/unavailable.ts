import { ErrorCode, NatsError } from "nats.ws";
import { FraiseqlError } from "../../core/errors.ts";

/** @param message - for whoever operates it: what could not be done */
export function unavailable(message: string, cause?: unknown): FraiseqlError {
  return new FraiseqlError("BUS_UNAVAILABLE", message, cause === undefined ? {} : { cause });
}

/** nats-server 2.9 says nothing of a disk that is full: it stands still within a lock, and its connections stay open. */
const SILENT =
  "NATS does not answer. Where its disk is full JetStream falls silent, and has to be restarted when there is room.";

const LOGIN_REFUSED =
  "NATS refuses the login; the user with its password, or the credentials file, has to be one that the server knows.";
const LOST = "The connection to the event bus was lost; try again shortly.";

/** @param refusal - of the login, when we tried to come back */
export function connectionLost(refusal: NatsError | undefined): FraiseqlError {
  return unavailable(refusal ? LOGIN_REFUSED : LOST, refusal);
}

/** The client's errors say little and may name addresses: they are for the log. */
export function failureOf(error: unknown): FraiseqlError {
  if (error instanceof FraiseqlError) return error;
  if (error instanceof NatsError && error.isAuthError()) return unavailable(LOGIN_REFUSED, error);
  const isSilent = error instanceof NatsError && error.code === ErrorCode.Timeout;
  return unavailable(isSilent ? SILENT : "The event bus cannot be reached; try again shortly.", error);
}
