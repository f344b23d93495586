/** Whether a connection is up, and who has to hear that it no longer is. */
import { type ErrorCode, Events, type NatsConnection, NatsError } from "nats.ws";
import { connectionLost } from "./unavailable.ts";

export type Presence = {
  /** Calls once when the connection is lost or closed, at once where it is; gives how to take that back. */
  whenLost(call: () => void): () => void;
  /** Calls with each subject that the server did not let us publish on; gives how to take that back. */
  whenRefused(call: (subject: string) => void): () => void;
  /**
   * What the work gives. The answer to what was under way when the connection broke never comes, and the client would wait
   * for it until its time is over.
   *
   * @throws FraiseqlError BUS_UNAVAILABLE at once when the connection is lost meanwhile, or is not up: then nothing is done
   */
  whileUp<T>(work: () => Promise<T>): Promise<T>;
};

/** @param lost is told of each loss before anybody else */
export function watchPresence(connection: NatsConnection, lost: () => void): Presence {
  let isUp = true;
  /** Why the server does not take us back. */
  let refusal: NatsError | undefined;
  const onLoss = new Set<() => void>();
  const onRefusal = new Set<(subject: string) => void>();
  const down = () => {
    isUp = false;
    lost();
    const calls = [...onLoss];
    onLoss.clear();
    for (const call of calls) call();
  };
  const follow = async () => {
    for await (const { type, data, permissionContext } of connection.status()) {
      if (type === Events.Reconnect) [isUp, refusal] = [true, undefined];
      if (type === Events.Disconnect) down();
      const error = type === Events.Error ? NatsError.errorForCode(data as ErrorCode) : undefined;
      if (error?.isAuthError()) refusal = error;
      if (permissionContext?.operation !== "publish") continue;
      for (const call of onRefusal) call(permissionContext.subject);
    }
  };
  follow();
  connection.closed().then(down);
  const whenLost = (call: () => void) => {
    if (isUp) onLoss.add(call);
    else call();
    return () => void onLoss.delete(call);
  };
  return {
    whenLost,
    whenRefused: (call) => {
      onRefusal.add(call);
      return () => void onRefusal.delete(call);
    },
    whileUp: async (work) => {
      if (!isUp) throw connectionLost(refusal);
      const loss = Promise.withResolvers<never>();
      // A race against one promise of the whole connection would keep every work alive as long as that.
      const forget = whenLost(() => loss.reject(connectionLost(refusal)));
      try {
        return await Promise.race([work(), loss.promise]);
      } finally {
        forget();
      }
    },
  };
}
