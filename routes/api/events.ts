/** `/api/events`: what was written, and what the rules said of it. */
import * as z from "zod/mini";
import { endpoint } from "./endpoint.ts";

export const EVENT_ENDPOINTS = [
  endpoint({
    method: "get",
    path: "/api/events",
    summary: "The newest change events, the newest first",
    query: z.strictObject({ limit: z._default(z.coerce.number().check(z.int(), z.minimum(1), z.maximum(1_000)), 100) }),
    answer: "EventList",
    run: async ({ events }, { query: { limit } }) => ({ events: await events.latest(limit) }),
  }),
  endpoint({
    method: "get",
    path: "/api/events/:id",
    summary: "One event: the rules that matched, why others did not, and what came of it",
    answer: "ShownEvent",
    run: ({ events }, { path }) => events.show(path["id"] ?? ""),
  }),
];
