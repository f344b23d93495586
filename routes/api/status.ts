/** `/api/status`, `/api/breakers`: how far everything is. */
import { endpoint } from "./endpoint.ts";

export const STATUS_ENDPOINTS = [
  endpoint({
    method: "get",
    path: "/api/status",
    summary: "What waits where, and for how long",
    answer: "Status",
    run: ({ status }) => status(),
  }),
  endpoint({
    method: "get",
    path: "/api/breakers",
    summary: "Receivers that are not asked at present, since they failed too often",
    answer: "BreakerList",
    run: async ({ breakers }) => ({ breakers: await breakers.list() }),
  }),
];
