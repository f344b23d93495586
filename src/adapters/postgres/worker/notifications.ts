import type { ListenRequest, Sql } from "postgres";

const AGAIN_MS = 500;

/**
 * Calls back at each notification, and once whenever listening has begun (again): what came before is not told. Goes on by
 * itself after an outage; meanwhile nothing comes, so whoever listens also looks by himself now and then.
 *
 * @returns ends the listening
 */
export function listenTo(sql: Sql, channel: string, onNotified: (payload: string) => void): () => Promise<void> {
  let over = false;
  let request: ListenRequest | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const told = (payload: string) => {
    if (!over) onNotified(payload);
  };
  // The driver takes up again by itself only what has begun once.
  const begin = () => {
    request = sql.listen(channel, told, () => told(""));
    request.catch(() => {
      if (!over) timer = setTimeout(begin, AGAIN_MS);
    });
  };
  begin();
  return async () => {
    over = true;
    clearTimeout(timer);
    await request?.then(
      (begun) => begun.unlisten(),
      () => {},
    );
  };
}
