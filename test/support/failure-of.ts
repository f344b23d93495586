import type { FraiseqlError } from "../../src/core/errors.ts";

/** What the promise rejects with. @throws Error when it does not */
export const failureOf = (promise: Promise<unknown>): Promise<FraiseqlError> =>
  promise.then(
    () => {
      throw new Error("it did not fail");
    },
    (error: FraiseqlError) => error,
  );
