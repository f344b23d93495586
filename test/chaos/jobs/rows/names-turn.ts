import { once } from "node:events";
import { createServer } from "node:net";
import { startDns } from "../../../support/dns-server.ts";
import { type Answering, startReceiver } from "../../../support/webhook-receiver.ts";
import type { ChaosRow } from "../../chaos-row.ts";
import { nothingDone } from "../../outcome.ts";
import { type Pipeline, throughPipeline } from "../pipeline.ts";
import { namespaceRefusal } from "../workers.ts";

const seconds = (isQuick: boolean) => (isQuick ? 3 : 60);
const least = (isQuick: boolean) => seconds(isQuick) * 3;

/** The one is opened by `webhooks.allowedNetworks`, the other stands for what only the worker can reach. */
const [ALLOWED, INNER] = ["127.0.0.1", "127.0.0.2"];

const RULES = ["turns", "turns-later"] as const;
const REASON = "turns.example may not be called: it is loopback.";

/** The name that was checked has another address by the time of the call, and of the next attempt. */
export const namesTurn: ChaosRow = {
  number: "10b",
  name: "names-turn",
  load: "100 commits/s",
  fault: (isQuick) =>
    `receiver: for ${seconds(isQuick)} s and more its name leads by turns, from one question to the next, to an allowed address and to ${INNER}, which is not; by a name server of the row's own`,
  happens: (isQuick) => ({
    "led inside": least(isQuick),
    taken: least(isQuick),
    "dead at once": least(isQuick),
    "dead at a later attempt": least(isQuick),
  }),
  run: async ({ seed, isQuick }) => {
    const refusal = await namespaceRefusal();
    if (refusal !== undefined) return nothingDone(refusal);
    const stack = new AsyncDisposableStack();
    await using _ = stack;
    let [asked, taken, reached] = [0, 0, 0];
    const names = await startDns(() => [asked++ % 2 === 0 ? ALLOWED : INNER]);
    stack.defer(() => names.stop());
    const receiver = await startReceiver();
    stack.defer(() => receiver.stop());
    receiver.answer = answering(() => {
      taken += 1;
    });
    const inner = createServer((socket) => {
      reached += 1;
      socket.destroy();
    }).listen(receiver.port, INNER);
    await once(inner, "listening");
    stack.defer(() => void inner.close());
    const counted = await throughPipeline(
      {
        seed,
        nameserver: names.address,
        rules: RULES.map((name) => rule(name, receiver.port)),
        env: { FRAISEQL_WEBHOOKS_ALLOWED_NETWORKS: `${ALLOWED}/32` },
      },
      async (pipeline) => {
        await pipeline.run(seconds(isQuick) * 1_000);
        return { broken: await findings(pipeline, least(isQuick), () => reached > 0) };
      },
    );
    const happened = { ...counted.happened, "led inside": Math.floor(asked / 2), taken };
    const broken = reached > 0 ? [`${reached} connections to ${INNER}`] : [];
    return { ...counted, happened, broken: [...counted.broken, ...broken] };
  },
};

/** What of the ledger is not as it has to be. */
async function findings(
  { admin, until, happened }: Pipeline,
  least: number,
  isBroken: () => boolean,
): Promise<string[]> {
  const dead = () => admin<{ rule: string; attempts: number; outcome: string; reason: string }[]>`
    select rule_name as rule, count(*)::integer as attempts, (array_agg(outcome order by attempt desc))[1] as outcome,
      (array_agg(reason order by attempt desc))[1] as reason
    from fraiseql.deliveries join fraiseql.attempts on delivery_id = id
    where state = 'discarded' and rule_name in ${admin(RULES)} group by id, rule_name`;
  const atOnce = ({ attempts }: { readonly attempts: number }) => attempts === 1;
  await until("enough is dead", async () => {
    const found = await dead();
    const soon = found.filter(atOnce).length;
    return isBroken() || (soon >= least && found.length - soon >= least);
  });
  const found = await dead();
  happened("dead at once", found.filter(atOnce).length);
  happened("dead at a later attempt", found.filter((one) => !atOnce(one)).length);
  return found
    .filter(({ outcome, reason }) => outcome !== "permanent" || reason !== REASON)
    .map(({ rule, outcome, reason }) => `a dead letter of ${rule}: ${outcome}, ${reason}`);
}

/** Each delivery has a connection of its own, so that each is dialled. */
const answering =
  (took: () => void): Answering =>
  ({ path }, response) => {
    const isTaken = path === "/turns";
    response.writeHead(isTaken ? 200 : 500, { connection: "close" }).end();
    if (isTaken) took();
  };

function rule(name: (typeof RULES)[number], port: number) {
  return {
    name,
    entity: "Account",
    operations: ["update"],
    condition: "id <= 20",
    actions: [{ kind: "webhook", url: `http://turns.example:${port}/${name}`, body: "{{ new.id }}" }],
    retry: { attemptsMax: 20, backoff: { kind: "fixed", delayMs: 100 } },
  };
}
