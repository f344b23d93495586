/** Clients of GraphQL: some read, some write a row of their own and read it, some wait for long answers. */

import type { Reply } from "../../support/kept-connection.ts";
import type { Balancer } from "./balancer.ts";

const WRITERS = 4;
const WAITERS = 2;
/** How long a long answer takes. */
export const WAITED_MS = 1_500;
const PAUSE_MS = 10;
const FIRST_ACCOUNT = 1_001;

/** What these clients need in the database. */
export const GRAPHQL_LOAD_SETUP = `
  insert into accounts select ${FIRST_ACCOUNT} + n, 'org graphql', 0 from generate_series(0, ${WRITERS - 1}) n;
  create view slow_accounts as select id, pg_sleep(${WAITED_MS / 1_000})::text as waited from accounts where id = ${FIRST_ACCOUNT};
`;

const READ = "query ($id: Int!) { account(id: $id) { version } }";
const WRITE =
  "mutation ($id: Int!, $version: Int!) { account: updateAccount(id: $id, set: { version: $version }) { version } }";
const WAIT = "{ slowAccounts { waited } }";

export type GraphqlLoad = {
  readonly answered: number;
  /** What is no right answer, in words. */
  readonly failed: readonly string[];
  /** Ends the load; gives the number of row versions whose mutation was confirmed. */
  stop(): Promise<number>;
};

export function startGraphqlLoad(balancer: Balancer): GraphqlLoad {
  const failed: string[] = [];
  let [answered, written, isOver] = [0, 0, false];
  const until = async (step: (post: (body: object) => Promise<string>) => Promise<void>) => {
    const send = balancer.client();
    const post = async (body: object) => textOf(await send("/graphql", JSON.stringify(body)));
    while (!isOver) {
      await step(post).catch((error: Error) => failed.push(error.message));
      await Bun.sleep(PAUSE_MS);
    }
  };
  const expecting = (text: string, expected: string) => {
    if (text !== expected) throw new Error(`${text} instead of ${expected}`);
    answered += 1;
  };
  const writer = (_: unknown, n: number) => {
    let version = 0;
    const id = FIRST_ACCOUNT + n;
    return until(async (post) => {
      expecting(await post({ query: WRITE, variables: { id, version: version + 1 } }), account(version + 1));
      version += 1;
      written += 1;
      expecting(await post({ query: READ, variables: { id } }), account(version));
    });
  };
  const waiter = () => until(async (post) => expecting(await post({ query: WAIT }), SLOW));
  const clients = [...Array.from({ length: WRITERS }, writer), ...Array.from({ length: WAITERS }, waiter)];
  return {
    get answered() {
      return answered;
    },
    failed,
    stop: async () => {
      isOver = true;
      await Promise.all(clients);
      return written;
    },
  };
}

const account = (version: number) => `{"data":{"account":{"version":${version}}}}`;
const SLOW = '{"data":{"slowAccounts":[{"waited":""}]}}';

function textOf({ status, text }: Reply): string {
  if (status !== 200) throw new Error(`status ${status}: ${text}`);
  return text;
}
