import { ok } from "../../../support/webhook-receiver.ts";
import type { ChaosRow } from "../../chaos-row.ts";
import { throughPipeline } from "../pipeline.ts";
import { reset } from "../receiver.ts";

const times = (isQuick: boolean) => (isQuick ? 1 : 5);
const downMs = (isQuick: boolean) => (isQuick ? 6_000 : 30_000);
const FEW = 30;

/** While its breaker is open, jobs wait without using up their attempts. */
export const receiverDown: ChaosRow = {
  number: "10a",
  name: "receiver-down",
  load: "100 commits/s",
  fault: (isQuick) => `receiver: ${times(isQuick)} × away for ${downMs(isQuick) / 1_000} s`,
  happens: (isQuick) => ({ "breaker opened": times(isQuick), "calls refused": times(isQuick) * 50 }),
  run: ({ seed, isQuick }) =>
    throughPipeline({ seed }, async ({ receiver, operating, run, recovered, happened, until }) => {
      const broken: string[] = [];
      for (let done = 0; done < times(isQuick); done += 1) {
        let calls = 0;
        receiver.answer((received, response) => {
          calls += 1;
          happened("calls refused");
          reset(received, response);
        });
        await until("the breaker is open", async () =>
          (await operating.breakers.list()).some(({ state }) => state === "open"),
        );
        happened("breaker opened");
        calls = 0;
        await run(downMs(isQuick));
        // Each org's breaker lets a probe through about once a second.
        const most = (20 + FEW) * (downMs(isQuick) / 500) + 20 * 50;
        if (calls > most) broken.push(`${calls} calls of a receiver that is away`);
        receiver.answer(ok);
        await recovered();
      }
      if ((await operating.deliveries.list({ state: "discarded" }, { limit: 1 })).length > 0) {
        broken.push("attempts were used up while the receiver was away");
      }
      return { broken };
    }),
};
