import { type Answering, ok, status } from "../../../support/webhook-receiver.ts";
import type { ChaosRow } from "../../chaos-row.ts";
import { type Pipeline, throughPipeline } from "../pipeline.ts";
import { dripping, reset, silent } from "../receiver.ts";

const modeMs = (isQuick: boolean) => (isQuick ? 1_500 : 15_000);
/** What the ledger has to say of attempts, by what was answered. */
const FAULTS: readonly {
  readonly name: string;
  readonly answer: Answering;
  readonly outcome: string;
  readonly reason: RegExp;
}[] = [
  { name: "500", answer: status(500), outcome: "retryable", reason: /status 500/ },
  {
    name: "429 Retry-After: 1",
    answer: status(429, { "retry-after": "1" }),
    outcome: "retryable",
    reason: /status 429/,
  },
  { name: "silence", answer: silent, outcome: "retryable", reason: /longer than/ },
  { name: "reset", answer: reset, outcome: "retryable", reason: /ECONNRESET|socket/i },
  { name: "a body without end", answer: dripping, outcome: "done", reason: /^$/ },
  {
    name: "a redirect to this machine",
    answer: (_received, response) =>
      void response.writeHead(302, { location: `http://127.0.0.1:${response.req.socket.localPort}/inside` }).end(),
    outcome: "permanent",
    reason: /status 302/,
  },
];

/** Its answers are as wrong as answers can be; then it is well, and what was given up is replayed. */
export const receiverFails: ChaosRow = {
  number: "10",
  name: "receiver-fails",
  load: "100 commits/s",
  fault: (isQuick) => `receiver: ${FAULTS.map(({ name }) => name).join(", ")}, each for ${modeMs(isQuick) / 1_000} s`,
  happens: () => ({ ...Object.fromEntries(FAULTS.map(({ name }) => [name, 1])), "breaker opened": 1 }),
  run: ({ seed, isQuick }) =>
    throughPipeline(
      { seed, attemptTimeoutMs: 1_000, env: { FRAISEQL_BREAKERS_FAILURES_MAX: "10" } },
      async (pipeline) => {
        const { receiver, operating, run, recovered, happened, until } = pipeline;
        const broken: string[] = [];
        let inside = 0;
        for (const fault of FAULTS) {
          receiver.answer((received, response) => {
            if (received.path === "/inside") inside += 1;
            happened(fault.name);
            fault.answer(received, response);
          });
          const since = new Date();
          await until(`${fault.name} was told`, () => wasTold(pipeline, since, fault));
          await run(modeMs(isQuick));
          const breakers = await operating.breakers.list();
          if (breakers.some(({ openings }) => openings > 0)) happened("breaker opened");
        }
        receiver.answer(ok);
        await recovered();
        const replay = () => operating.deliveries.replay({ state: "discarded" }, 1_000);
        await until("nothing more is to be replayed", async () => (await replay()).length === 0);
        await until("the breaker is closed", async () =>
          (await operating.breakers.list()).every(({ state }) => state === "closed"),
        );
        if (inside > 0) broken.push(`${inside} redirects were followed`);
        const [early] = await pipeline.admin<{ count: number }[]>`
        select count(*)::integer as count from fraiseql.attempts
        where reason like '%status 429%' and next_at < started_at + interval '1 second'`;
        if (early && early.count > 0) broken.push(`${early.count} attempts before the time of Retry-After`);
        return { broken };
      },
    ),
};

async function wasTold(
  { admin }: Pipeline,
  since: Date,
  { outcome, reason }: (typeof FAULTS)[number],
): Promise<boolean> {
  const rows = await admin<{ reason: string | null }[]>`
    select distinct reason from fraiseql.attempts where started_at > ${since} and outcome = ${outcome}`;
  return rows.some((row) => reason.test(row.reason ?? ""));
}
