import type { Command } from "../command.ts";
import { CONFIG_OPTION, CONFIG_USAGE, table, withOperating } from "../with-operating.ts";

export const status: Command = {
  name: "status",
  summary: "what waits where: outbox, bus, queue, dead letters",
  usage: `fraiseql status

Names the oldest transaction that has written something and is open, for nothing that was written after it is published.
Exits with 1 if a part cannot be reached.
${CONFIG_USAGE}`,
  options: CONFIG_OPTION,
  async run(input, io) {
    const found = await withOperating(input, io, (operating) => operating.status());
    if (input.json) io.out(JSON.stringify(found));
    else {
      const { ready, ...parts } = found;
      const rows = Object.entries(parts).map(([part, facts]) => [part, factsOf(facts).join(" · ")]);
      for (const line of table(rows)) io.out(line);
    }
    return found.ready ? 0 : 1;
  },
};

/** Without lists, and without what there is none of. */
function factsOf(facts: object): readonly string[] {
  return Object.entries(facts).flatMap(([name, value]) => {
    if (value === null || Array.isArray(value)) return [];
    return typeof value === "object" ? [`${name}: ${factsOf(value).join(", ")}`] : [`${name} ${value}`];
  });
}
