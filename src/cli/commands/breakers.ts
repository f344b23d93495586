import type { Command } from "../command.ts";
import { CONFIG_OPTION, CONFIG_USAGE, table, withOperating } from "../with-operating.ts";

export const breakers: Command = {
  name: "breakers",
  summary: "list the receivers that are not asked at present, since they failed too often",
  usage: `fraiseql breakers

One line per receiver: its state, since when, and how often it failed.
${CONFIG_USAGE}`,
  options: CONFIG_OPTION,
  async run(input, io) {
    const found = await withOperating(input, io, ({ breakers }) => breakers.list());
    if (input.json) io.out(JSON.stringify({ breakers: found }));
    else if (found.length === 0) io.out("none");
    else
      for (const line of table(
        found.map(({ endpoint, org, state, failures, openUntil, reason }) => [
          endpoint,
          org,
          state,
          `${failures} failures`,
          openUntil === undefined ? reason : `until ${new Date(openUntil).toISOString()} · ${reason}`,
        ]),
      ))
        io.out(line);
    return 0;
  },
};
