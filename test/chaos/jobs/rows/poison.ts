import { connect } from "nats.ws";
import { ok, status } from "../../../support/webhook-receiver.ts";
import type { ChaosRow } from "../../chaos-row.ts";
import { throughPipeline } from "../pipeline.ts";

const SPILLED_BYTES = 1_500_000;
const REFUSED_ACCOUNTS = 5;
const seconds = (isQuick: boolean) => (isQuick ? 4 : 60);

/** What can never be done ends at once with its reason; what stands beside it does not wait. */
export const poison: ChaosRow = {
  number: "12",
  name: "poison",
  load: "100 commits/s",
  fault: () =>
    "messages that are no events; a rule that sends where it may not; payloads that are refused; rows of 1.5 MB",
  run: ({ seed, isQuick }) =>
    throughPipeline(
      { seed, rules: [FORBIDDEN] },
      async ({ admin, nats, receiver, operating, run, recovered, until, logged }) => {
        const broken: string[] = [];
        receiver.answer((received, response) => {
          const { account } = JSON.parse(received.body) as { account: number };
          (account <= REFUSED_ACCOUNTS ? status(422) : ok)(received, response);
        });
        const client = await connect({ servers: nats.url });
        for (let n = 0; n < 20; n += 1) client.publish(`fql.ev.${n % 16}.chaos.accounts.update`, "no event");
        await client.flush();
        await client.close();
        await admin`update accounts set version = version + 1, note = repeat('x', ${SPILLED_BYTES}::int) where id in (1, 100)`;
        await run(seconds(isQuick) * 1_000);
        await until("the worker told what it refused", () => logged('"event-refused"'));
        await recovered();
        const dead = await operating.deliveries.list({ state: "discarded" }, { limit: 1_000 });
        const reasons = new Set(
          dead.map(({ ruleName, lastError }) => `${ruleName}: ${lastError?.replace(/\d+\.[\d.]+/, "…")}`),
        );
        if (![...reasons].some((reason) => reason.startsWith("forbidden: ")))
          broken.push("no dead letter of the forbidden rule");
        if (!reasons.has("deliver: The receiver answered with status 422."))
          broken.push("no dead letter of a refused payload");
        receiver.answer(ok);
        const replay = () => operating.deliveries.replay({ state: "discarded", ruleName: "deliver" }, 1_000);
        await until("nothing more is to be replayed", async () => (await replay()).length === 0);
        return { broken };
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
