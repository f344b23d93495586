/** The rows of the reliability table, by what they look at. */
import type { ChaosRow } from "./chaos-row.ts";
import { answersLostOverRest, answersLostOverTcp } from "./jobs/rows/answers-lost.ts";
import { disksFull } from "./jobs/rows/disks-full.ts";
import { flood } from "./jobs/rows/flood.ts";
import { namesTurn } from "./jobs/rows/names-turn.ts";
import { poison } from "./jobs/rows/poison.ts";
import { receiverDown } from "./jobs/rows/receiver-down.ts";
import { receiverFails } from "./jobs/rows/receiver-fails.ts";
import { redisLost } from "./jobs/rows/redis-lost.ts";
import { rollingRestart } from "./jobs/rows/rolling-restart.ts";
import { storesFull } from "./jobs/rows/stores-full.ts";
import { workerKilled } from "./jobs/rows/worker-killed.ts";
import { connectionsCut } from "./rows/connections-cut.ts";
import { connectionsFrozen } from "./rows/connections-frozen.ts";
import { longWriters } from "./rows/long-writers.ts";
import { natsKilled } from "./rows/nats-killed.ts";
import { natsRolledBack } from "./rows/nats-rolled-back.ts";
import { postgresKilled } from "./rows/postgres-killed.ts";
import { relayKilled } from "./rows/relay-killed.ts";
import { streamDeleted } from "./rows/stream-deleted.ts";

/** From a commit to the decision in the ledger. */
export const EVENTS: readonly ChaosRow[] = [
  relayKilled,
  longWriters,
  postgresKilled,
  natsKilled,
  natsRolledBack,
  streamDeleted,
  connectionsCut,
  connectionsFrozen,
];
/** From a commit to what a receiver of webhooks takes. */
export const JOBS: readonly ChaosRow[] = [
  workerKilled,
  redisLost,
  answersLostOverTcp,
  answersLostOverRest,
  receiverFails,
  receiverDown,
  namesTurn,
  flood,
  poison,
  rollingRestart,
  storesFull,
  disksFull,
];
