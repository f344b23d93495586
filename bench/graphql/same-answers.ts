import { type Contender, type Operation, requestBody } from "../data/data-set.ts";
import type { Bench } from "./measure.ts";

const VARIABLES_CHECKED = 8;
/** Of an operation that writes, since the table is reset for each answer. */
const VARIABLES_WRITTEN = 2;

/**
 * Asks every contender the same and compares; what an operation has written, too.
 *
 * @throws Error that shows both answers where one differs from the floor's.
 */
export async function requireSameAnswers(operation: Operation, { servers, table }: Bench): Promise<void> {
  for (const variables of operation.variables.slice(0, operation.write ? VARIABLES_WRITTEN : VARIABLES_CHECKED)) {
    const answers = new Map<Contender, string>();
    const written = new Map<Contender, string>();
    for (const [contender, server] of servers) {
      await table.reset(operation);
      const answer = await server.post(requestBody(operation, contender, variables));
      answers.set(contender, answer);
      written.set(contender, await table.rows(operation));
    }
    const expected = answers.get("floor") ?? "";
    if (!expected.startsWith('{"data":{'))
      throw new Error(`${operation.name}: the floor answers ${expected.slice(0, 300)}`);
    const what = `${operation.name} ${JSON.stringify(variables).slice(0, 300)}`;
    for (const [contender, answer] of answers) {
      const given = contender === "postgraphile" ? outOfPayload(parsed(answer), operation) : parsed(answer);
      if (!Bun.deepEquals(given, parsed(expected), true)) {
        throw new Error(
          `${what}: ${contender} answers otherwise than the floor.\n` +
            `floor: ${expected.slice(0, 600)}\n${contender}: ${answer.slice(0, 600)}`,
        );
      }
      if (written.get(contender) !== written.get("floor")) {
        throw new Error(`${what}: ${contender} writes otherwise than the floor.`);
      }
    }
  }
}

/** PostGraphile's payload holds one level deeper what the others answer. */
function outOfPayload(answer: unknown, { write }: Operation): unknown {
  const { data } = answer as { readonly data?: Readonly<Record<string, Readonly<Record<string, unknown>> | null>> };
  if (!write || !data) return answer;
  return { data: Object.fromEntries(Object.entries(data).map(([key, payload]) => [key, payload?.[write.payload]])) };
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
