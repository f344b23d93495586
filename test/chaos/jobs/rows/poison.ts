import { connect } from "nats.ws";
import { ok, status } from "../../../support/webhook-receiver.ts";
import type { ChaosRow } from "../../chaos-row.ts";
import { throughPipeline } from "../pipeline.ts";

const SPILLED_BYTES = 1_500_000;
const REFUSED_ACCOUNTS = 5;
const NO_EVENTS = 20;
const seconds = (isQuick: boolean) => (isQuick ? 4 : 60);

/** What can never be done ends at once with its reason; what stands beside it does not wait. */
export const poison: ChaosRow = {
  number: "12",
  name: "poison",
  load: "100 commits/s",
  fault: () =>
    "messages that are no events; a rule that sends where it may not; payloads that are refused; rows of 1.5 MB",
  happens: () => ({ "no event": NO_EVENTS, "forbidden target": 1, "refused payload": 1, "large row": 2 }),
  run: ({ seed, isQuick }) =>
    throughPipeline(
      { seed, rules: [FORBIDDEN] },
      async ({ admin, nats, receiver, operating, run, recovered, until, happened }) => {
        receiver.answer((received, response) => {
          const { account } = JSON.parse(received.body) as { account: number };
          (account <= REFUSED_ACCOUNTS ? status(422) : ok)(received, response);
        });
        const client = await connect({ servers: nats.url });
        for (let n = 0; n < NO_EVENTS; n += 1) client.publish(`fql.ev.${n % 16}.chaos.accounts.update`, "no event");
        const { streams } = await client.jetstreamManager();
        const large =
          await admin`update accounts set version = version + 1, note = repeat('x', ${SPILLED_BYTES}::int) where id in (1, 100)`;
        happened("large row", large.count);
        await run(seconds(isQuick) * 1_000);
        const refused = async () => (await streams.info("FRAISEQL_REFUSED")).state.messages;
        await until("all that is no event was refused", async () => (await refused()) === NO_EVENTS);
        happened("no event", NO_EVENTS);
        await client.close();
        await recovered();
        const dead = await operating.deliveries.list({ state: "discarded" }, { limit: 1_000 });
        const reasons = new Set(
          dead.map(({ ruleName, lastError }) => `${ruleName}: ${lastError?.replace(/\d+\.[\d.]+/, "…")}`),
        );
        if ([...reasons].some((reason) => reason.startsWith("forbidden: "))) happened("forbidden target");
        if (reasons.has("deliver: The receiver answered with status 422.")) happened("refused payload");
        receiver.answer(ok);
        const replay = () => operating.deliveries.replay({ state: "discarded", ruleName: "deliver" }, 1_000);
        await until("nothing more is to be replayed", async () => (await replay()).length === 0);
        return undefined;
      },
    ),
};

const FORBIDDEN = {
  name: "forbidden",
  entity: "Account",
  operations: ["update"],
  condition: "id <= 20",
  actions: [{ kind: "webhook", url: "http://169.254.169.254/{{ new.id }}", body: "{}" }],
};
