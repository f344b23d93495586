import type { WorkerPart } from "../src/compose/workers.ts";

/** What a worker process can be told to run: parts that work on the stores, and the gateway with its own port. */
export const PARTS = ["relay", "dispatcher", "job-runner", "gateway"] as const;
export type Part = WorkerPart | "gateway";
