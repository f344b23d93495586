/** The options of an e-mail, and the addresses in them. */
import * as z from "zod/mini";
import type { JsonObject } from "../../core/events/json.ts";
import { type OptionProblem, optionProblems } from "../../core/jobs/option-problems.ts";
import { misplacedReferences } from "../../core/secrets/misplaced-references.ts";

const TEXT_MAX = 262_144;
const RECIPIENTS_MAX = 50;

const recipients = z
  .array(z.string().check(z.minLength(1), z.maxLength(512)))
  .check(z.minLength(1), z.maxLength(RECIPIENTS_MAX));

export const EMAIL_OPTIONS = z
  .strictObject({
    to: recipients,
    cc: z.optional(recipients),
    bcc: z.optional(recipients),
    replyTo: z.optional(z.string().check(z.minLength(1), z.maxLength(512))),
    subject: z.string().check(z.minLength(1), z.maxLength(998)),
    text: z.optional(z.string().check(z.maxLength(TEXT_MAX))),
    html: z.optional(z.string().check(z.maxLength(TEXT_MAX))),
  })
  .check(
    z.refine(({ text, html }) => text !== undefined || html !== undefined, {
      path: ["text"],
      error: "expected text, html or both",
    }),
  );

export type EmailOptions = z.infer<typeof EMAIL_OPTIONS>;

/** What is wrong with options as a rule has them; empty when nothing is. */
export function emailProblems(options: JsonObject): readonly OptionProblem[] {
  const problems = [
    ...optionProblems(EMAIL_OPTIONS, options),
    ...misplacedReferences(options, ["to", "cc", "bcc", "replyTo", "subject", "text", "html"], "no e-mail"),
  ];
  if (problems.length > 0) return problems;
  const { to, cc = [], bcc = [], replyTo, subject } = EMAIL_OPTIONS.parse(options);
  const placed = [
    ...Object.entries({ to, cc, bcc }).flatMap(([name, all]) => all.map((text, at) => ({ path: [name, at], text }))),
    ...(replyTo === undefined ? [] : [{ path: ["replyTo"], text: replyTo }]),
  ];
  const lines = /[\r\n]/.test(subject) ? [{ path: ["subject"], message: "expected one line" }] : [];
  return [
    ...placed
      // What a template makes of it is known when it is sent.
      .filter(({ text }) => !text.includes("{{") && readMailbox(text) === undefined)
      .map(({ path }) => ({ path, message: "expected one address, such as ann@example.com or Ann <ann@example.com>" })),
    ...lines,
  ];
}

export type Mailbox = { readonly name: string; readonly address: string };

const ATOM = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~\\u00a1-\\uffff-]+";
const LABEL = "[A-Za-z0-9\\u00a1-\\uffff]([A-Za-z0-9\\u00a1-\\uffff-]*[A-Za-z0-9\\u00a1-\\uffff])?";
const ADDRESS = new RegExp(`^${ATOM}(\\.${ATOM})*@${LABEL}(\\.${LABEL})*$`);

/**
 * One address, with or without a name; undefined for anything else. A value of a row must not become a second recipient, so
 * lists, groups, comments and quoted local parts are refused, and line ends with them.
 */
export function readMailbox(text: string): Mailbox | undefined {
  const [, name = "", inside] = /^([^<>",;:@()[\]\\\p{Cc}]*)<([^<>]*)>$/u.exec(text.trim()) ?? [];
  const address = inside ?? text.trim();
  return address.length <= 254 && ADDRESS.test(address) ? { name: name.trim(), address } : undefined;
}
