/** The options of a webhook. What a secret may stand in is never a template: values of rows must not name secrets. */
import * as z from "zod/mini";
import type { JsonObject } from "../../core/events/json.ts";
import { type OptionProblem, optionProblems } from "../../core/jobs/option-problems.ts";
import { misplacedReferences } from "../../core/secrets/misplaced-references.ts";
import { isReference, referenceProblem } from "../../core/secrets/secret-reference.ts";
import { addressProblem, URL_LENGTH_MAX } from "./destination.ts";

const TEXT_MAX = 65_536;
const VALUE_MAX = 4_096;
const HEADERS_MAX = 32;

/** Set by the exchange or the protocol; a rule that could set them could pretend to be another delivery, or another host. */
const RESERVED = new Set([
  "connection",
  "content-length",
  "content-type",
  "expect",
  "host",
  "idempotency-key",
  "keep-alive",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "traceparent",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

const headerName = z.string().check(
  z.regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}$/, "expected the name of a header"),
  z.refine(
    (name) => !RESERVED.has(name.toLowerCase()) && !name.toLowerCase().startsWith("webhook-"),
    "expected a header that is not set by the webhook itself",
  ),
);
const headers = <Value extends z.ZodMiniType<string, string>>(value: Value) =>
  z
    .record(headerName, value)
    .check(z.refine((all) => Object.keys(all).length <= HEADERS_MAX, `expected at most ${HEADERS_MAX} headers`));
const plainText = z.string().check(z.maxLength(VALUE_MAX));
const secretText = z.string().check(
  z.maxLength(VALUE_MAX),
  z.refine((text) => !text.includes("{{"), "expected no {{…}}: where secrets are there are no templates"),
  z.refine((text) => referenceProblem(text) === undefined, { error: (issue) => referenceProblem(String(issue.input)) }),
);
const reference = z
  .string()
  .check(
    z.refine(
      isReference,
      `expected a reference to a secret, such as \${env://SECRET_NAME} or \${file:///run/secrets/name}`,
    ),
  );

export const WEBHOOK_OPTIONS = z
  .strictObject({
    /** A template, but for its scheme and host. */
    url: z.optional(
      z
        .string()
        .check(
          z.refine((text) => urlProblem(text) === undefined, { error: (issue) => urlProblem(String(issue.input)) }),
        ),
    ),
    /** Instead of `url`: where the address itself is a secret, as for Slack. */
    urlFrom: z.optional(reference),
    method: z._default(z.enum(["POST", "PUT", "PATCH", "DELETE"]), "POST"),
    headers: z.optional(headers(plainText)),
    /** With references to secrets in their values. */
    secretHeaders: z.optional(headers(secretText)),
    /** A JSON text with templates. Without `body` and `text` the event is sent. */
    body: z.optional(z.string().check(z.maxLength(TEXT_MAX))),
    /** Instead of `body`: any other text; its `content-type` is `contentType`. */
    text: z.optional(z.string().check(z.maxLength(TEXT_MAX))),
    contentType: z.optional(
      z
        .string()
        .check(z.regex(/^[a-z0-9.+-]+\/[a-z0-9.+-]+(; ?[a-z0-9-]+=[A-Za-z0-9.+_-]+)*$/, "expected a media type")),
    ),
    /** `whsec_…` each. Two while receivers change from one to the next. */
    signingKeys: z.optional(z.array(reference).check(z.minLength(1), z.maxLength(2))),
  })
  .check(
    z.refine(({ url, urlFrom }) => (url === undefined) !== (urlFrom === undefined), {
      path: ["url"],
      error: "expected either url or urlFrom",
    }),
    z.refine(({ body, text }) => body === undefined || text === undefined, {
      path: ["text"],
      error: "expected either body or text",
    }),
    z.refine(({ text, contentType }) => (text === undefined) === (contentType === undefined), {
      path: ["contentType"],
      error: "expected contentType together with text, and only then",
    }),
  );

export type WebhookOptions = z.infer<typeof WEBHOOK_OPTIONS>;

/** What is wrong with options as a rule has them; empty when nothing is. */
export function webhookProblems(options: JsonObject): readonly OptionProblem[] {
  const elsewhere = "secretHeaders, signingKeys or urlFrom";
  return [
    ...optionProblems(WEBHOOK_OPTIONS, options),
    ...misplacedReferences(options, ["url", "headers", "body", "text"], elsewhere),
  ];
}

/** Whom an address is of is fixed by who writes the rule; a value of a row may only be part of what comes after. */
function urlProblem(text: string): string | undefined {
  const [, authority = ""] = /^[a-z]+:\/\/([^/?#]*)/i.exec(text) ?? [];
  if (text.length > URL_LENGTH_MAX) return `expected at most ${URL_LENGTH_MAX} characters`;
  if (authority.includes("{{")) return "expected an address whose host is no template";
  return addressProblem(text.replaceAll(/\{\{.*?\}\}/g, "x"));
}
