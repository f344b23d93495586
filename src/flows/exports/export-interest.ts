/** Who still wants an export that is being made. */
import { FraiseqlError } from "../../core/errors.ts";

export type Participant = {
  /** Wants it no more, or has all of it; calling it again changes nothing. */
  readonly leave: () => void;
  /** Rejects with REQUEST_CANCELLED when the participant's signal aborts; it has left then. */
  readonly gone: Promise<never>;
};

/** @param onNobody - called when the last participant has left */
export function createInterest(onNobody: () => void): (signal: AbortSignal) => Participant {
  let wanted = 0;
  return (signal) => {
    wanted += 1;
    const { promise: gone, reject } = Promise.withResolvers<never>();
    // Whoever waits for something else at the moment does not hear of it.
    gone.catch(() => undefined);
    let isIn = true;
    const leave = (): void => {
      if (!isIn) return;
      isIn = false;
      signal.removeEventListener("abort", onAbort);
      wanted -= 1;
      if (wanted === 0) onNobody();
    };
    const onAbort = (): void => {
      leave();
      reject(cancelled());
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
    return { leave, gone };
  };
}

/** REQUEST_CANCELLED: nobody waits for it any more. */
export function cancelled(): FraiseqlError {
  return new FraiseqlError("REQUEST_CANCELLED", "The client went away.");
}
