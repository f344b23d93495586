import type { Command } from "../command.ts";
import { CONFIG_OPTION, CONFIG_USAGE, runSubcommand, table, withOperating } from "../with-operating.ts";

export const queue: Command = {
  name: "queue",
  summary: "count the jobs of the queue, or rebuild it from PostgreSQL",
  usage: `fraiseql queue counts
fraiseql queue rebuild [--clear]

rebuild puts every open delivery of the ledger into the queue: after Redis lost its data, or has older data than it should.
What is in the queue already stays as it is. Workers may run meanwhile.
  --clear    forget first what is in the queue
${CONFIG_USAGE}`,
  options: { ...CONFIG_OPTION, clear: { type: "boolean" } },
  run: (input, io) =>
    runSubcommand(
      "queue",
      {
        counts: async (given) => {
          const counts = await withOperating(given, io, ({ queue }) => queue.counts());
          if (given.json) io.out(JSON.stringify(counts));
          else
            for (const line of table(Object.entries(counts).map(([state, count]) => [state, String(count)])))
              io.out(line);
          return 0;
        },
        rebuild: async (given) => {
          const clear = given.values["clear"] === true;
          const count = await withOperating(given, io, ({ queue }) => queue.rebuild({ clear }));
          io.out(given.json ? JSON.stringify({ enqueued: count }) : `${count} jobs put into the queue`);
          return 0;
        },
      },
      input,
      io,
    ),
};
