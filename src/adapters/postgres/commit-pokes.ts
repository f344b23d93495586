/** Tells the relay of a commit: by itself it looks up to a quarter of a second later when nothing has happened for a while. */
import type { Statement } from "../../ports/database.ts";

/** Never inside of the transaction: `pg_notify` makes those that use it commit one after the other. */
export const POKE: Statement = {
  text: "select pg_notify('fraiseql_outbox', '') where to_regnamespace('fraiseql') is not null",
  values: [],
};

const APART_MS = 20;
/** A database without a relay is asked again after so long. */
const ABSENT_MS = 60_000;

export type CommitPokes = {
  /** Something was committed: it is told at once, or together with what is committed until it may be told again. */
  committed(): void;
  close(): void;
};

/**
 * @param send - sends the poke; gives whether there was somebody to tell it to, and undefined where it could not be sent now
 */
export function createCommitPokes(send: () => Promise<boolean | undefined>): CommitPokes {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isResting = false;
  let isOwed = false;
  let isClosed = false;
  const poke = async () => {
    isResting = true;
    isOwed = false;
    // It only brings forward the relay's own look: one that fails harms nobody.
    const told = await send().catch(() => undefined);
    isOwed ||= told === undefined;
    if (!isClosed) timer = setTimeout(rested, told === false ? ABSENT_MS : APART_MS);
  };
  const rested = () => {
    isResting = false;
    if (isOwed) void poke();
  };
  return {
    committed: () => {
      if (isResting || isClosed) isOwed = true;
      else void poke();
    },
    close: () => {
      isClosed = true;
      clearTimeout(timer);
    },
  };
}
