import type { Command } from "../command.ts";
import { CONFIG_OPTION, CONFIG_USAGE, table, withOperating } from "../with-operating.ts";

export const status: Command = {
  name: "status",
  summary: "what waits where: outbox, bus, queue, dead letters",
  usage: `fraiseql status

Exits with 1 if a part cannot be reached.
${CONFIG_USAGE}`,
  options: CONFIG_OPTION,
  async run(input, io) {
    const found = await withOperating(input, io, (operating) => operating.status());
    if (input.json) io.out(JSON.stringify(found));
    else {
      const { ready, ...parts } = found;
      const rows = Object.entries(parts).map(([part, facts]) => [
        part,
        Object.entries(facts)
          .filter(([, value]) => value !== null && typeof value !== "object")
          .map(([name, value]) => `${name} ${value}`)
          .join(" · "),
      ]);
      for (const line of table(rows)) io.out(line);
    }
    return found.ready ? 0 : 1;
  },
};
