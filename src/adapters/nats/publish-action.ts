import { type MsgHdrs, headers as newHeaders } from "nats.ws";
import * as z from "zod/mini";
import { eventPayload } from "../../core/events/event-payload.ts";
import { writeExactJson } from "../../core/events/exact-json.ts";
import type { JsonObject } from "../../core/events/json.ts";
import { boundedFacts } from "../../core/jobs/bounded-facts.ts";
import { type OptionProblem, optionProblems } from "../../core/jobs/option-problems.ts";
import { misplacedReferences } from "../../core/secrets/misplaced-references.ts";
import type { Action, ActionInput, ActionOutcome } from "../../ports/action.ts";
import { type NatsLink, type NatsLinks, type NatsOptions, natsLinks } from "./nats-link.ts";
import { apiErrorCode } from "./streams.ts";

const PAYLOAD_MAX = 1_048_576;
const SUBJECT = /^[^\s.*>\p{Cc}]+(\.[^\s.*>\p{Cc}]+)*$/u;
const SUBJECT_MAX = 256;
/** "message size exceeds maximum allowed": of the stream. */
const STREAM_REFUSES_SIZE = 10054;

const PUBLISH_OPTIONS = z.strictObject({
  subject: z.string().check(
    z.minLength(1),
    z.maxLength(SUBJECT_MAX),
    z.refine((subject) => subjectProblem(subject) === undefined, {
      error: (issue) => subjectProblem(String(issue.input)),
    }),
  ),
  /** A JSON text with templates; without it the event is sent. */
  payload: z.optional(z.string().check(z.maxLength(PAYLOAD_MAX))),
  /** By a stream that has the subject. Without, done means that the server has it, whoever listens. */
  acknowledged: z._default(z.boolean(), true),
});

export type PublishActionOptions = NatsOptions & {
  /** Before each subject, such as `fql.out.`: no rule reaches what other programs, or the bus, have on the server. */
  readonly publishPrefix: string;
};

/** Publishes on a subject of NATS, over a connection of its own that is opened with the first attempt. */
export function createPublishAction(options: PublishActionOptions): Action {
  const links = natsLinks(options);
  const { protocol, host } = new URL(options.url);
  return {
    kind: "publish",
    templates: { subject: "text", payload: "json" },
    schema: z.toJSONSchema(PUBLISH_OPTIONS, { io: "input" }),
    check,
    endpoint: () => `${protocol}//${host}`,
    run: (input) => run(links, options.publishPrefix, input),
    close: () => links.close(),
  };
}

function check(options: JsonObject): readonly OptionProblem[] {
  return [
    ...optionProblems(PUBLISH_OPTIONS, options),
    ...misplacedReferences(options, ["subject", "payload"], "no message"),
  ];
}

function subjectProblem(subject: string): string | undefined {
  const filled = subject.replaceAll(/\{\{.*?\}\}/g, "x");
  return SUBJECT.test(filled) ? undefined : "expected a subject such as shop.cities.grown, without * and >";
}

async function run(links: NatsLinks, prefix: string, input: ActionInput): Promise<ActionOutcome> {
  const read = PUBLISH_OPTIONS.safeParse(input.options);
  if (!read.success) return permanent(optionProblems(PUBLISH_OPTIONS, input.options)[0]?.message ?? "wrong options");
  const { payload = writeExactJson(eventPayload(input.event)), acknowledged } = read.data;
  const subject = `${prefix}${read.data.subject}`;
  const request = `publish on ${subject}`;
  const over = Promise.withResolvers<never>();
  const leave = () => over.reject(input.signal.reason);
  input.signal.addEventListener("abort", leave, { once: true });
  try {
    input.signal.throwIfAborted();
    const sent = send(links, { subject, payload, acknowledged }, input);
    return await Promise.race([sent.then((response) => done(request, response)), over.promise]);
  } catch (error) {
    if (error instanceof TooLarge) return permanent(error.message);
    if (apiErrorCode(error) === STREAM_REFUSES_SIZE) return permanent("The payload is larger than the stream takes.");
    const text = error instanceof Error ? reasonOf(error, subject) : String(error);
    const facts = boundedFacts({ request, error: text });
    return { kind: "retryable", reason: facts.error, facts };
  } finally {
    input.signal.removeEventListener("abort", leave);
  }
}

class TooLarge extends Error {}

type Message = { readonly subject: string; readonly payload: string; readonly acknowledged: boolean };

/** What the server said of it. */
async function send(
  links: NatsLinks,
  { subject, payload, acknowledged }: Message,
  { id, traceparent, signal }: ActionInput,
): Promise<string> {
  const link = await links.open();
  signal.throwIfAborted();
  const body = new TextEncoder().encode(payload);
  const bytesMax = link.connection.info?.max_payload ?? PAYLOAD_MAX;
  if (body.length > bytesMax) throw new TooLarge(`The payload is larger than the ${bytesMax} bytes the server takes.`);
  const headers = newHeaders();
  if (traceparent !== null) headers.set("traceparent", traceparent);
  if (!acknowledged) {
    headers.set("Nats-Msg-Id", id);
    return await plainly(link, subject, body, headers);
  }
  const published = link.whileUp(() => link.stream.publish(subject, body, { msgID: id, headers }));
  const { stream: name, seq, duplicate } = await published;
  return `${name} has it as ${seq}${duplicate ? ", since an earlier attempt" : ""}`;
}

async function plainly(link: NatsLink, subject: string, body: Uint8Array, headers: MsgHdrs): Promise<string> {
  let isRefused = false;
  const forget = link.whenRefused((refused) => {
    isRefused ||= refused === subject;
  });
  try {
    await link.whileUp(() => {
      link.connection.publish(subject, body, { headers });
      // The server answers in order: an answer to this says that it has had that.
      return link.connection.flush();
    });
    // A refusal came before that answer, but is told by a queue of the client's that is emptied after it.
    await new Promise((resolve) => setTimeout(resolve, 0));
  } finally {
    forget();
  }
  if (isRefused) throw new Error(`The server does not let us publish on ${subject}.`);
  return "the server has it";
}

/** https://docs.nats.io/nats-concepts/jetstream: nobody answers for a subject that no stream has. */
function reasonOf(error: Error, subject: string): string {
  const code = "code" in error ? String(error.code) : "";
  if (code === "PERMISSIONS_VIOLATION") return `The server does not let us publish on ${subject}.`;
  return code === "503" ? `No stream has the subject ${subject}.` : `${code === "" ? "" : `${code}: `}${error.message}`;
}

function done(request: string, response: string): ActionOutcome {
  return { kind: "done", facts: boundedFacts({ request, response }) };
}

function permanent(reason: string): ActionOutcome {
  return { kind: "permanent", reason, facts: boundedFacts({ error: reason }) };
}
