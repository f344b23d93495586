import { FraiseqlError } from "../../core/errors.ts";
import type { DeliveryState } from "../../ports/ledger.ts";
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

const STATES: readonly string[] = ["open", "done", "cancelled", "discarded"] satisfies DeliveryState[];

export const jobs: Command = {
  name: "jobs",
  summary: "list deliveries, show every attempt of one, cancel",
  usage: `fraiseql jobs list [--state open|done|cancelled|discarded] [options]
fraiseql jobs show ID
fraiseql jobs cancel ID… | [options] | --all

One line per delivery, the newest first: id, state, kind of action, attempts, when the next is due, the last error.
  --state                            for lists: those in one state
${FILTER_USAGE}
${LIST_USAGE}
  --all                              for cancel: all that are open or dead letters
${CONFIG_USAGE}`,
  options: { ...LIST_OPTIONS, ...CONFIG_OPTION, state: { type: "string" }, all: { type: "boolean" } },
  run: (input, io) =>
    runSubcommand(
      "jobs",
      {
        list: async (given) => {
          const { state } = given.values;
          if (state === undefined) return listDeliveries(given, io);
          if (STATES.includes(String(state))) return listDeliveries(given, io, state as DeliveryState);
          throw new FraiseqlError(
            "REQUEST_ERROR",
            `--state: expected one of ${STATES.join(", ")}, got ${String(state)}.`,
          );
        },
        show: (given) => showDelivery(given, io),
        cancel: async (given) => {
          const { filter, limit } = chosen(given);
          const ids = await withOperating(given, io, ({ deliveries }) => deliveries.cancel(filter, limit));
          return printIds(ids, "cancelled", given, io);
        },
      },
      input,
      io,
    ),
};
