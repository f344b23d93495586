/** `/api/jobs`: deliveries, their attempts, dead letters and replays. */
import * as z from "zod/mini";
import type { DeliveryFilter } from "../../src/ports/ledger.ts";
import { DELIVERY_STATE } from "./answers.ts";
import { endpoint } from "./endpoint.ts";

const name = z.string().check(z.minLength(1), z.maxLength(500));
const limit = (fallback: number) =>
  z._default(z.coerce.number().check(z.int(), z.minimum(1), z.maximum(1_000)), fallback);

const filter = {
  org: z.optional(z.string().check(z.maxLength(500))),
  ruleName: z.optional(name),
  actionKind: z.optional(name),
  eventId: z.optional(name),
  error: z.optional(name),
};
/** At least one way to say which: everything is said with `all`. */
const CHOICE = z
  .strictObject({
    ...filter,
    ids: z.optional(z.array(name).check(z.maxLength(1_000))),
    all: z.optional(z.literal(true)),
    limit: limit(1_000),
  })
  .check(
    z.refine(
      ({ limit: _, ...chosen }) => Object.values(chosen).some((value) => value !== undefined),
      "say which deliveries: by ids, org, ruleName, actionKind, eventId or error, or all: true",
    ),
  );

export const DELIVERY_ENDPOINTS = [
  endpoint({
    method: "get",
    path: "/api/jobs",
    summary: "Deliveries, the newest first; those with state=discarded are the dead letters",
    query: z.strictObject({
      ...filter,
      state: z.optional(DELIVERY_STATE),
      after: z.optional(name),
      limit: limit(100),
    }),
    answer: "DeliveryPage",
    async run({ deliveries }, { query: { limit, after, ...filter } }) {
      const found = await deliveries.list(given(filter), { limit, ...(after === undefined ? {} : { after }) });
      return { deliveries: found, next: found.length === limit ? found.at(-1)?.id : undefined };
    },
  }),
  endpoint({
    method: "get",
    path: "/api/jobs/:id",
    summary: "One delivery with every attempt",
    answer: "ShownDelivery",
    run: ({ deliveries }, { path }) => deliveries.show(path["id"] ?? ""),
  }),
  endpoint({
    method: "post",
    path: "/api/jobs/replay",
    summary: "Dead letters are delivered again, under the same ids",
    body: CHOICE,
    answer: "Replayed",
    run: async ({ deliveries }, { body: { limit, all: _, ...filter } }) => ({
      replayed: await deliveries.replay(given(filter), limit),
    }),
  }),
  endpoint({
    method: "post",
    path: "/api/jobs/discard",
    summary: "Deliveries that are open or dead letters are given up",
    body: CHOICE,
    answer: "Cancelled",
    run: async ({ deliveries }, { body: { limit, all: _, ...filter } }) => ({
      cancelled: await deliveries.cancel(given(filter), limit),
    }),
  }),
];

/** Without what was left out. */
function given(filter: { readonly [Name in keyof DeliveryFilter]?: DeliveryFilter[Name] | undefined }): DeliveryFilter {
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined));
}
