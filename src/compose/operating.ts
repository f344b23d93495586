/** What operators do, put together: for the command line, and for `/api` of a worker. */

import { realWait } from "../adapters/timers/wait.ts";
import { digest } from "../adapters/web-crypto/digest.ts";
import { environment } from "../config/environment.ts";
import type { Config } from "../config/schema.ts";
import type { Breaker } from "../core/breakers/breaker.ts";
import { withCauses } from "../core/error-causes.ts";
import type { ChangeEvent } from "../core/events/change-event.ts";
import type { RuleScope } from "../core/rules/check-rule.ts";
import { observedEntities } from "../core/rules/observed-entities.ts";
import { openArtifact } from "../core/schema/seal.ts";
import { type ShownEvent, showEvent } from "../flows/events/show-event.ts";
import { rebuildQueue } from "../flows/jobs/rebuild-queue.ts";
import { cancelDeliveries, replayDeliveries } from "../flows/jobs/replay-deliveries.ts";
import { readiness, type Status } from "../flows/readiness.ts";
import {
  applyRuleChange,
  type PlannedChange,
  planRuleChange,
  removeRule,
  type WantedRules,
} from "../flows/rules/change-rules.ts";
import { type CurrentRules, currentRules } from "../flows/rules/current-rules.ts";
import { type RuleTest, testRule } from "../flows/rules/test-rules.ts";
import type { JobCounts } from "../ports/job-queue.ts";
import type { Attempt, Delivery, DeliveryFilter, DeliveryPage } from "../ports/ledger.ts";
import type { RuleVersion } from "../ports/rule-store.ts";
import { openActions } from "./actions.ts";
import { openStores, type WorkerStores } from "./worker-stores.ts";

export type Operating = {
  readonly rules: {
    current(): Promise<CurrentRules>;
    history(name: string): Promise<readonly RuleVersion[]>;
    /** @throws FraiseqlError RULE_INVALID */
    plan(wanted: WantedRules): Promise<PlannedChange>;
    /** @throws FraiseqlError RULE_INVALID, RULES_CHANGED */
    apply(
      wanted: WantedRules,
      options: { readonly by: string; readonly expected?: number | undefined },
    ): Promise<PlannedChange>;
    remove(name: string, by: string): Promise<boolean>;
    /** @throws FraiseqlError RULE_INVALID */
    test(definition: unknown, options: { readonly last: number }): Promise<RuleTest>;
  };
  readonly deliveries: {
    list(filter: DeliveryFilter, page: DeliveryPage): Promise<readonly Delivery[]>;
    show(id: string): Promise<{ readonly delivery: Delivery; readonly attempts: readonly Attempt[] } | undefined>;
    /** The ids of the deliveries that are open again. */
    replay(filter: DeliveryFilter, limit: number): Promise<readonly string[]>;
    cancel(filter: DeliveryFilter, limit: number): Promise<readonly string[]>;
  };
  readonly events: {
    latest(limit: number): Promise<readonly ChangeEvent[]>;
    show(id: string): Promise<ShownEvent | undefined>;
  };
  readonly queue: {
    counts(): Promise<JobCounts>;
    rebuild(options: { readonly clear: boolean }): Promise<number>;
  };
  readonly breakers: { list(): Promise<readonly Breaker[]> };
  status(): Promise<Status>;
  close(): Promise<void>;
};

const BREAKERS_MAX = 1_000;

export type OperatingInput = {
  readonly config: Config;
  /** The text of `schema.compiled.json`: what rules are checked against. */
  readonly artifact: string;
};

/** @throws FraiseqlError ARTIFACT_INVALID, and what the stores that are configured refuse with */
export async function openOperating({ config, artifact: text }: OperatingInput): Promise<Operating> {
  const { model, catalog } = await openArtifact(text, digest);
  const stores = await openStores(config, { name: "fraiseql", connectionsMax: 4 });
  const { sql } = stores;
  const actions = openActions({ config, environment: environment(), sql, write: () => {}, wait: realWait });
  return {
    ...operatingOf(stores, { entities: observedEntities(model, catalog, config.events), actions }),
    status: () => readiness({ ...stores, store: stores.rules, tell: withCauses }),
    close: async () => {
      await Promise.allSettled([...actions.values()].map((action) => action.close?.()));
      await stores.close();
    },
  };
}

/** Over what is open already. */
export function operatingOf(stores: WorkerStores, scope: RuleScope): Omit<Operating, "close"> {
  const { ledger, outbox, queue, rules: store } = stores;
  const parts = { store, scope };
  return {
    rules: {
      current: () => currentRules(parts),
      history: (name) => store.history(name),
      plan: (wanted) => planRuleChange(parts, wanted),
      apply: (wanted, options) => applyRuleChange(parts, wanted, options),
      remove: (name, by) => removeRule(parts, name, by),
      test: (definition, options) => testRule({ outbox, scope }, definition, options),
    },
    deliveries: {
      list: (filter, page) => ledger.deliveries(filter, page),
      show: (id) => ledger.delivery(id),
      replay: (filter, limit) => replayDeliveries({ ledger, queue }, filter, limit),
      cancel: (filter, limit) => cancelDeliveries({ ledger, queue }, filter, limit),
    },
    events: {
      latest: (limit) => outbox.latest({ limit }),
      show: (id) => showEvent({ outbox, ledger, store, scope }, id),
    },
    queue: { counts: () => queue.counts(), rebuild: (options) => rebuildQueue({ ledger, queue }, options) },
    breakers: { list: () => stores.breakers.list({ limit: BREAKERS_MAX }) },
    status: () => readiness({ ...stores, store }),
  };
}
