import { FraiseqlError } from "../../core/errors.ts";

/** @param message - for whoever operates it: what could not be done */
export function unavailable(message: string, cause?: unknown): FraiseqlError {
  return new FraiseqlError("BUS_UNAVAILABLE", message, cause === undefined ? {} : { cause });
}

/** The client's errors say little and may name addresses: they are for the log. */
export function failureOf(error: unknown): FraiseqlError {
  return error instanceof FraiseqlError
    ? error
    : unavailable("The event bus cannot be reached; try again shortly.", error);
}
