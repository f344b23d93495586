import type { ChaosRow } from "../chaos-row.ts";
import { throughFlow } from "../flow.ts";

export const longWriters: ChaosRow = {
  number: "2",
  name: "long-writers",
  load: "12 writers",
  fault: () => "20 % of transactions rolled back, 5 % open for up to 300 ms",
  happens: (isQuick) =>
    isQuick ? { "rolled back": 100, "kept open": 20 } : { "rolled back": 1_000, "kept open": 200 },
  run: ({ seed, isQuick }) =>
    throughFlow(seed, { writers: 12, rolledBack: 20, long: 5 }, ({ run }) => run(isQuick ? 5_000 : 60_000)),
};
