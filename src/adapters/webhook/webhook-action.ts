import { createHash } from "node:crypto";
import { promises as dns, type LookupAddress } from "node:dns";
import { Agent } from "node:http";
import { Agent as TlsAgent } from "node:https";
import * as z from "zod/mini";
import { boundedFacts } from "../../core/jobs/bounded-facts.ts";
import { optionProblems } from "../../core/jobs/option-problems.ts";
import { maskSecrets } from "../../core/secrets/mask-secrets.ts";
import type { Action, ActionInput, ActionOutcome } from "../../ports/action.ts";
import type { Secrets } from "../../ports/secrets.ts";
import { findDestination, type Reach } from "./destination.ts";
import { exchange } from "./exchange.ts";
import { parseNetwork } from "./refused-address.ts";
import { WEBHOOK_OPTIONS, webhookProblems } from "./webhook-options.ts";
import { webhookOutcome } from "./webhook-outcome.ts";
import { makeRequest, NoRequest, type WebhookRequest } from "./webhook-request.ts";

export type WebhookActionOptions = {
  readonly secrets: Secrets;
  /** Networks such as `10.1.0.0/16` that may be called though they are not public, at any port. */
  readonly allowedNetworks: readonly string[];
  /** Ports of public addresses. */
  readonly ports: readonly number[];
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** All addresses of a name; the system's way of looking them up if absent. */
  readonly resolve?: (host: string) => Promise<readonly LookupAddress[]>;
  /** PEM of authorities that are trusted instead of the usual ones. */
  readonly authorities?: string;
};

type Connections = { readonly clear: Agent; readonly tls: TlsAgent };

/**
 * Sends events to addresses of rules, signed as Standard Webhooks are. Only addresses that were checked are dialled, no
 * redirect is followed, and what the receiver says is read up to a bound.
 */
export function createWebhookAction(options: WebhookActionOptions): Action {
  const connections = { clear: new Agent({ keepAlive: true }), tls: new TlsAgent({ keepAlive: true }) };
  const reach: Reach = {
    opened: options.allowedNetworks.map(parseNetwork),
    ports: options.ports,
    resolve: options.resolve ?? ((host) => dns.lookup(host, { all: true, verbatim: true })),
  };
  return {
    kind: "webhook",
    templates: { url: "url", headers: "header", body: "json", text: "text" },
    schema: z.toJSONSchema(WEBHOOK_OPTIONS, { io: "input", unrepresentable: "any" }),
    check: webhookProblems,
    endpoint: (given) => endpointOf(given["urlFrom"] ?? given["url"]),
    run: (input) => run(options, reach, connections, input),
    close: async () => {
      connections.clear.destroy();
      connections.tls.destroy();
    },
  };
}

/** All addresses of one server fail together. A secret address is known by its reference. */
function endpointOf(address: unknown): string | undefined {
  if (typeof address !== "string") return undefined;
  return URL.canParse(address) && !address.startsWith("$") ? new URL(address).origin : address;
}

async function run(
  { secrets, now, authorities }: WebhookActionOptions,
  reach: Reach,
  connections: Connections,
  input: ActionInput,
): Promise<ActionOutcome> {
  const read = WEBHOOK_OPTIONS.safeParse(input.options);
  if (!read.success) return permanent(optionProblems(WEBHOOK_OPTIONS, input.options)[0]?.message ?? "wrong options");
  let request: WebhookRequest | undefined;
  try {
    request = await makeRequest(read.data, input, secrets, now());
    const { secrets: used, shownAddress, address, ...rest } = request;
    const digest = createHash("sha256").update(rest.body).digest("hex");
    const sent = `${rest.method} ${shownAddress} ${Buffer.byteLength(rest.body)} bytes, sha256 ${digest}`;
    const destination = await findDestination(address, reach, input.signal);
    if ("reason" in destination) {
      const reason = maskSecrets(destination.reason, used);
      return { kind: destination.permanent ? "permanent" : "retryable", reason, facts: { error: reason } };
    }
    const inClear = destination.url.protocol === "http:";
    const agent = inClear ? connections.clear : connections.tls;
    const answer = await exchange({ ...rest, ...destination, agent, authorities, signal: input.signal });
    const facts = { request: sent, status: answer.status, response: answer.text };
    return webhookOutcome(answer, boundedFacts(facts, used), now());
  } catch (error) {
    if (error instanceof NoRequest) return permanent(error.message);
    return failed(error, request);
  }
}

function permanent(reason: string): ActionOutcome {
  return { kind: "permanent", reason, facts: boundedFacts({ error: reason }) };
}

/** Nobody answered: the receiver is away, or the time was over. */
function failed(error: unknown, request: WebhookRequest | undefined): ActionOutcome {
  const code = error instanceof Error && "code" in error ? `${String(error.code)}: ` : "";
  const message = `${code}${error instanceof Error ? error.message : String(error)}`;
  const facts = boundedFacts(
    { ...(request && { request: `${request.method} ${request.shownAddress}` }), error: message },
    request?.secrets,
  );
  return { kind: "retryable", reason: facts.error, facts };
}
