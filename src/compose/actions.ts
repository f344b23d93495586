/** What rules can do, made of the configuration. */
import type { Sql } from "postgres";
import { createEmailAction } from "../adapters/email/email-action.ts";
import { readMailbox } from "../adapters/email/email-options.ts";
import { createLogAction } from "../adapters/log/log-action.ts";
import { createPublishAction } from "../adapters/nats/publish-action.ts";
import { createDatabaseAction } from "../adapters/postgres/action/database-action.ts";
import { createLocalSecrets } from "../adapters/secrets/local-secrets.ts";
import { isNetwork } from "../adapters/webhook/refused-address.ts";
import { createWebhookAction } from "../adapters/webhook/webhook-action.ts";
import type { Environment } from "../config/environment.ts";
import type { Config } from "../config/schema.ts";
import { FraiseqlError } from "../core/errors.ts";
import type { Action } from "../ports/action.ts";
import type { Wait } from "../ports/wait.ts";

export type ActionParts = {
  readonly config: Pick<Config, "webhooks" | "secrets" | "smtp" | "nats">;
  /** Where `${env://…}` is read. */
  readonly environment: Environment;
  /** The workers' connections; they stay open when the actions are closed. */
  readonly sql: Sql;
  /** Takes the lines of the action `log`. */
  readonly write: (line: string) => void | Promise<void>;
  readonly wait: Pick<Wait, "now">;
};

/**
 * The actions of this worker by their kinds. Each is to be closed.
 *
 * @throws FraiseqlError CONFIG_INVALID
 */
export function openActions({ config, environment, sql, write, wait }: ActionParts): ReadonlyMap<string, Action> {
  const { webhooks, smtp, secrets, nats } = config;
  const now = () => wait.now();
  const allowedNetworks = webhooks.allowedNetworks ?? [];
  const wrong = allowedNetworks.find((network) => !isNetwork(network));
  if (wrong !== undefined)
    throw new FraiseqlError("CONFIG_INVALID", `webhooks.allowedNetworks: ${wrong} is no network.`);
  const actions = [
    createWebhookAction({
      secrets: createLocalSecrets({ environment, ...secrets }),
      allowedNetworks,
      ports: webhooks.ports,
      now,
    }),
    createDatabaseAction(sql),
    createLogAction({ write, now }),
    ...openEmail(smtp),
    ...(nats.url === undefined ? [] : [createPublishAction({ ...nats, url: nats.url })]),
  ];
  return new Map(actions.map((action) => [action.kind, action]));
}

function openEmail({ url, from, tls }: Config["smtp"]): readonly Action[] {
  if (url === undefined) return [];
  if (from === undefined || readMailbox(from) === undefined) {
    throw new FraiseqlError("CONFIG_INVALID", "smtp.from: expected one address, such as Shop <shop@example.com>.");
  }
  if (!URL.canParse(url))
    throw new FraiseqlError("CONFIG_INVALID", "smtp.url: expected smtp://user:password@host:port.");
  return [createEmailAction({ url, from, tls })];
}
