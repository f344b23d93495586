/** A place in the words of a condition, with what every rule of the grammar needs: look, skip, expect, remember where. */
import { RULE_LIMITS } from "../../limits.ts";
import { unknownName, WrittenWrong } from "../problem.ts";
import type { Path, PathRoot, Value } from "./condition.ts";
import type { Node, Places } from "./condition-node.ts";
import { CALLS, WORDS } from "./condition-words.ts";
import { readTokens, type Token } from "./read-tokens.ts";

/** Of parentheses and negations while reading: more than any tree may be deep, so that the tree's own limit speaks first. */
const NESTING_MAX = 64;
const LITERAL_NAMES: ReadonlySet<string> = new Set(["true", "false", "json"]);
const NO_NAMES: ReadonlySet<string> = new Set(WORDS);

export class ConditionTokens {
  /** Nodes, and beside them where they begin: only what is wrong is looked for. */
  readonly #nodes: Node[] = [];
  readonly #offsets: number[] = [];
  readonly places: Places = {
    get: (node) => {
      const offset = this.#offsets[this.#nodes.lastIndexOf(node)];
      return offset === undefined ? undefined : { offset };
    },
  };
  readonly #tokens: readonly Token[];
  #at = 0;
  #nesting = 0;

  constructor(text: string) {
    this.#tokens = readTokens(text);
  }

  get offset(): number {
    return this.#current.offset;
  }

  get #current(): Token {
    return this.#tokens[this.#at] as Token;
  }

  next(): Token {
    const token = this.#current;
    if (token.kind !== "end") this.#at += 1;
    return token;
  }

  sees(word: string): boolean {
    return (this.#current.kind === "sign" || this.#current.kind === "name") && this.#current.text === word;
  }

  skip(word: string): boolean {
    const seen = this.sees(word);
    if (seen) this.#at += 1;
    return seen;
  }

  /** What the sign here stands for among the given ones. */
  oneOf<Meaning>(signs: ReadonlyMap<string, Meaning>): Meaning | undefined {
    return this.#current.kind === "sign" ? signs.get(this.#current.text) : undefined;
  }

  skipOneOf<Meaning>(signs: ReadonlyMap<string, Meaning>): Meaning | undefined {
    const meaning = this.oneOf(signs);
    if (meaning !== undefined) this.#at += 1;
    return meaning;
  }

  expect(word: string): void {
    if (!this.skip(word)) this.fail(`expected ${word}, found ${this.#found()}`);
  }

  expectEnd(): void {
    if (this.#current.kind === "end") return;
    const meant = { and: "&&", or: "||" }[this.#current.text];
    if (meant !== undefined) this.fail(`there is no ${this.#current.text}; write ${meant}`, meant);
    this.fail(`expected the end or && or ||, found ${this.#found()}`);
  }

  expectHoleEnd(): void {
    if (this.#current.kind !== "end") this.fail(`expected }}, found ${this.#found()}`);
  }

  seesText(): boolean {
    return this.#current.kind === "text";
  }

  text(what: string): string {
    if (this.#current.kind !== "text") this.fail(`expected ${what}, found ${this.#found()}`);
    if (this.#current.text.length > RULE_LIMITS.literalTextMax) this.fail("this text is longer than the limit");
    return this.next().text;
  }

  seesLiteral(): boolean {
    const { kind, text } = this.#current;
    return kind === "number" || kind === "text" || (kind === "name" && LITERAL_NAMES.has(text));
  }

  /** The name of a call, if one stands here; a name before `(` that is none is refused. */
  callName(): string | undefined {
    const { kind, text, offset } = this.#current;
    const following = this.#tokens[this.#at + 1];
    if (kind !== "name" || text === "json" || following?.kind !== "sign" || following.text !== "(") return undefined;
    if (!Object.hasOwn(CALLS, text)) {
      const { message, suggestion } = unknownName("function", text, Object.keys(CALLS));
      throw new WrittenWrong({ offset }, message, suggestion);
    }
    return this.next().text;
  }

  path(): Value {
    const start = this.offset;
    const first = this.#name();
    if (first.kind === "name" && (first.text === "op" || first.text === "now"))
      return this.placed({ kind: first.text }, start);
    const root = rootOf(first);
    const steps: (string | number)[] = root === "row" ? [first.text] : [];
    for (;;) {
      if (steps.length > RULE_LIMITS.pathStepsMax) this.fail(`a path has at most ${RULE_LIMITS.pathStepsMax} steps`);
      if (this.skip(".")) steps.push(this.#step());
      else if (this.skip("[")) steps.push(this.#bracket());
      else break;
    }
    if (steps.length === 0) this.fail(`expected .field after ${first.text}`);
    const path: Path = { kind: "path", root, steps };
    return this.placed(path, start);
  }

  #name(): Token {
    const { kind, text } = this.#current;
    if ((kind === "name" && !NO_NAMES.has(text)) || kind === "quoted-name") return this.next();
    return this.fail(`expected a field or a value, found ${this.#found()}`);
  }

  #step(): string {
    const { kind } = this.#current;
    if (kind !== "name" && kind !== "quoted-name") this.fail(`expected a name after the point, found ${this.#found()}`);
    return this.next().text;
  }

  #bracket(): string | number {
    const { kind, text } = this.#current;
    const index = kind === "number" && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
    if (index === undefined && kind !== "text") this.fail("expected a position from 0 or a key in single quotes");
    this.next();
    this.expect("]");
    return index ?? text;
  }

  /** Bounds the depth of what the reader calls itself for. */
  nested<Result>(read: () => Result): Result {
    this.#nesting += 1;
    if (this.#nesting > NESTING_MAX) this.fail("this is nested too deep");
    const result = read();
    this.#nesting -= 1;
    return result;
  }

  placed<Placed extends Node>(node: Placed, offset: number): Placed {
    this.#nodes.push(node);
    this.#offsets.push(offset);
    return node;
  }

  placeOf(node: Node): { readonly offset: number } {
    const place = this.places.get(node);
    return place !== undefined && "offset" in place ? place : { offset: this.offset };
  }

  fail(message: string, suggestion?: string): never {
    throw new WrittenWrong({ offset: this.offset }, message, suggestion);
  }

  #found(): string {
    const { kind, text } = this.#current;
    return kind === "end" ? "the end" : JSON.stringify(text.slice(0, 60));
  }
}

function rootOf({ kind, text }: Token): PathRoot {
  return kind === "name" && (text === "old" || text === "new" || text === "claims") ? text : "row";
}
