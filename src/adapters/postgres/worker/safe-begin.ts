import type { Sql, TransactionSql } from "postgres";

type Work = (transaction: TransactionSql) => unknown;

/**
 * `begin` of the driver, but a statement of a transaction that is over is refused. The driver would send it on the
 * connection all the same, be it closed, which ends the process, or in the hands of somebody else.
 */
export function beginsSafely(sql: Sql): Sql["begin"] {
  const begin = sql.begin.bind(sql) as (options: string, work: Work) => Promise<unknown>;
  const safely = (...given: [Work] | [string, Work]): Promise<unknown> => {
    const [options, work] = given.length === 1 ? ["", given[0]] : given;
    let isOver = false;
    const check = () => {
      if (isOver) throw Object.assign(new Error("The transaction is over."), { code: "CONNECTION_CLOSED" });
    };
    const begun = begin(options, (transaction) => {
      const worked = Promise.resolve(work(checked(transaction, check)));
      // The driver must not hear of the work's end when the connection is gone: it would roll back.
      return new Promise((resolve, reject) => {
        worked.then(
          (result) => isOver || resolve(result),
          (error: unknown) => isOver || reject(error),
        );
      });
    });
    return begun.finally(() => {
      isOver = true;
    });
  };
  return safely as Sql["begin"];
}

function checked(transaction: TransactionSql, check: () => void): TransactionSql {
  return new Proxy(transaction, {
    apply: (statement, self, given: unknown[]) => {
      check();
      return Reflect.apply(statement, self, given);
    },
    get: (of, name) => {
      if (name === "unsafe" || name === "savepoint") check();
      return Reflect.get(of, name) as unknown;
    },
  });
}
