import type { Command } from "../command.ts";
import {
  chosen,
  FILTER_USAGE,
  LIST_OPTIONS,
  LIST_USAGE,
  listDeliveries,
  printIds,
  showDelivery,
} from "../deliveries.ts";
import { CONFIG_OPTION, CONFIG_USAGE, runSubcommand, withOperating } from "../with-operating.ts";

export const deadLetters: Command = {
  name: "dead-letters",
  summary: "list deliveries that failed for good, show why, replay or discard them",
  usage: `fraiseql dead-letters list [options]
fraiseql dead-letters show ID
fraiseql dead-letters replay ID… | [options] | --all
fraiseql dead-letters discard ID… | [options] | --all

A replay delivers again under the same id, so that a receiver knows what it had.
${FILTER_USAGE}
${LIST_USAGE}
  --all                              for replay and discard: all of them
${CONFIG_USAGE}`,
  options: { ...LIST_OPTIONS, ...CONFIG_OPTION, all: { type: "boolean" } },
  run: (input, io) =>
    runSubcommand(
      "dead-letters",
      {
        list: (given) => listDeliveries(given, io, "discarded"),
        show: (given) => showDelivery(given, io),
        replay: async (given) => {
          const { filter, limit } = chosen(given);
          const ids = await withOperating(given, io, ({ deliveries }) => deliveries.replay(filter, limit));
          return printIds(ids, "replayed", given, io);
        },
        discard: async (given) => {
          const { filter, limit } = chosen(given);
          const ids = await withOperating(given, io, ({ deliveries }) =>
            deliveries.cancel({ ...filter, state: "discarded" }, limit),
          );
          return printIds(ids, "discarded", given, io);
        },
      },
      input,
      io,
    ),
};
