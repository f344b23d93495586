import { type Contender, type Operation, requestBody } from "../data/data-set.ts";
import type { Server } from "../support/servers.ts";

const VARIABLES_CHECKED = 8;

/**
 * Asks every contender the same and compares.
 *
 * @throws Error that shows both answers where one differs from the floor's.
 */
export async function requireSameAnswers(operation: Operation, servers: ReadonlyMap<Contender, Server>): Promise<void> {
  for (const variables of operation.variables.slice(0, VARIABLES_CHECKED)) {
    const answers = new Map<Contender, string>();
    for (const [contender, server] of servers) {
      answers.set(contender, await server.post(requestBody(operation, contender, variables)));
    }
    const expected = answers.get("floor") ?? "";
    if (!expected.startsWith('{"data":{'))
      throw new Error(`${operation.name}: the floor answers ${expected.slice(0, 300)}`);
    for (const [contender, answer] of answers) {
      if (Bun.deepEquals(parsed(answer), parsed(expected), true)) continue;
      throw new Error(
        `${operation.name} ${JSON.stringify(variables)}: ${contender} answers otherwise than the floor.\n` +
          `floor: ${expected.slice(0, 600)}\n${contender}: ${answer.slice(0, 600)}`,
      );
    }
  }
}

/** Trailing zeros of a second's fraction are the only difference allowed: PostGraphile always writes six digits. */
function parsed(answer: string): unknown {
  try {
    return JSON.parse(answer, (_key, value: unknown) =>
      typeof value === "string" ? value.replace(/(T[\d:]{8})\.0+$/, "$1") : value,
    );
  } catch {
    return answer;
  }
}
