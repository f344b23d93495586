import type { ChangeEvent } from "../../core/events/change-event.ts";
import type { Outbox } from "../../ports/outbox.ts";
import type { Wait } from "../../ports/wait.ts";

const PAGE = 500;
const LOOK_MS = 200;

export type TailOptions = {
  /** `schema.table`. */
  readonly table?: string | undefined;
  /** The newest published ones that are shown first. */
  readonly last: number;
  /** Ends after those, instead of waiting for more. */
  readonly isBounded: boolean;
  readonly signal: AbortSignal;
};

/** Events in the order of the bus, as they are published, until the signal. */
export async function* tailEvents(
  { outbox, wait }: { readonly outbox: Pick<Outbox, "latest" | "published" | "state">; readonly wait: Wait },
  { table, last, isBounded, signal }: TailOptions,
): AsyncGenerator<ChangeEvent> {
  const { published } = await outbox.state();
  const newest = last === 0 ? [] : await outbox.latest({ limit: last, table, upTo: published });
  let after = Math.min(published, ...newest.map(({ position }) => position - 1));
  while (!signal.aborted) {
    const page = await outbox.published({ after, limit: PAGE, table });
    yield* page;
    after = page.at(-1)?.position ?? after;
    if (page.length === PAGE) continue;
    if (isBounded) return;
    await wait.wait(LOOK_MS, signal);
  }
}
