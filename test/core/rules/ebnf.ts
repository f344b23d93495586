/** The grammar of conditions as docs/reference/conditions.md writes it: read, so that sentences can be made and recognised by it. */
export type Rule =
  | { readonly is: "literal"; readonly text: string }
  | { readonly is: "name"; readonly name: string }
  | { readonly is: "choice" | "sequence"; readonly parts: readonly Rule[] }
  | { readonly is: "optional" | "repeat"; readonly part: Rule };

export type Grammar = ReadonlyMap<string, Rule>;

/** ISO/IEC 14977, as much of it as the page uses. */
export function readGrammar(text: string): Grammar {
  const tokens = text.match(/"[^"]*"|'[^']*'|\w+|[=|,;()[\]{}]/g) ?? [];
  let at = 0;
  const take = (expected?: string) => {
    const token = tokens[at++];
    if (token === undefined || (expected !== undefined && token !== expected))
      throw new Error(`expected ${expected}, found ${token}`);
    return token;
  };
  const list = (is: "choice" | "sequence", separator: string, part: () => Rule): Rule => {
    const parts = [part()];
    while (tokens[at] === separator) {
      at += 1;
      parts.push(part());
    }
    return parts.length === 1 ? (parts[0] as Rule) : { is, parts };
  };
  const choice = (): Rule => list("choice", "|", () => list("sequence", ",", item));
  const enclosed = (end: string): Rule => {
    const inner = choice();
    take(end);
    return inner;
  };
  function item(): Rule {
    const token = take();
    if (token === "(") return enclosed(")");
    if (token === "[") return { is: "optional", part: enclosed("]") };
    if (token === "{") return { is: "repeat", part: enclosed("}") };
    return /^["']/.test(token) ? { is: "literal", text: token.slice(1, -1) } : { is: "name", name: token };
  }
  const rules = new Map<string, Rule>();
  while (at < tokens.length) {
    const name = take();
    take("=");
    rules.set(name, choice());
    take(";");
  }
  return rules;
}

/** What the page says of letters, digits and characters in words. */
const TERMINALS: Readonly<Record<string, RegExp>> = {
  letter: /^[A-Za-z_]$/,
  digit: /^[0-9]$/,
  digits: /^[0-9]+$/,
};
/** Rules whose parts stand together, with the quote around their characters; between the parts of others there may be blanks. */
const WORDS = new Map([
  ["text", "'"],
  ["name", '"'],
  ["number", ""],
]);
/** The quote of the word that is read; undefined between words. */
type Word = string | undefined;

/** Whether the whole text is a sentence of the rule: every way of reading it is tried. */
export function recognises(grammar: Grammar, start: string, text: string): boolean {
  const known = new Map<string, ReadonlySet<number>>();
  const blanks = (at: number) => at + (/^\s*/.exec(text.slice(at))?.[0].length ?? 0);

  function named(name: string, from: number, word: Word): ReadonlySet<number> {
    const at = word === undefined ? blanks(from) : from;
    const key = `${word} ${name} ${at}`;
    const before = known.get(key);
    if (before) return before;
    const ends = endsOfName(name, at, word);
    known.set(key, ends);
    return ends;
  }

  function endsOfName(name: string, at: number, word: Word): ReadonlySet<number> {
    if (name === "character") return new Set(text[at] === undefined || text[at] === word ? [] : [at + 1]);
    const terminal = TERMINALS[name];
    if (terminal) {
      const ends = new Set<number>();
      for (let end = at + 1; end <= text.length && terminal.test(text.slice(at, end)); end += 1) ends.add(end);
      return ends;
    }
    const rule = grammar.get(name);
    if (!rule) throw new Error(`the grammar has no ${name}`);
    return ends(rule, at, word ?? WORDS.get(name));
  }

  function ends(rule: Rule, at: number, word: Word): ReadonlySet<number> {
    const after = (starts: ReadonlySet<number>, part: Rule) =>
      new Set([...starts].flatMap((start) => [...ends(part, start, word)]));
    switch (rule.is) {
      case "literal": {
        const begin = word === undefined ? blanks(at) : at;
        const end = begin + rule.text.length;
        const isCut = /\w$/.test(rule.text) && /^\w/.test(text.slice(end)) && word === undefined;
        return new Set(text.startsWith(rule.text, begin) && !isCut ? [end] : []);
      }
      case "name":
        return named(rule.name, at, word);
      case "choice":
        return new Set(rule.parts.flatMap((part) => [...ends(part, at, word)]));
      case "sequence":
        return rule.parts.reduce(after, new Set([at]) as ReadonlySet<number>);
      case "optional":
        return new Set([at, ...ends(rule.part, at, word)]);
      case "repeat": {
        const found = new Set([at]);
        for (const start of found) for (const end of ends(rule.part, start, word)) found.add(end);
        return found;
      }
    }
  }
  return [...named(start, 0, undefined)].some((end) => blanks(end) === text.length);
}

/** A sentence by chance. Deep down the shortest ways are taken. */
export function sentence(grammar: Grammar, start: string, random: () => number): string {
  const one = (items: readonly string[]) => items[Math.floor(random() * items.length)] ?? "";
  const terminal = (name: string): string | undefined =>
    ({
      letter: one(["a", "Z", "_", "n"]),
      digit: one(["0", "7"]),
      digits: one(["0", "12", "007"]),
      character: one(["x", " ", "%", "é"]),
    })[name];

  function make(rule: Rule, depth: number, word: Word): string {
    const joined = (parts: readonly string[]) =>
      parts.filter((part) => part !== "").join(word === undefined ? " " : "");
    switch (rule.is) {
      case "literal":
        return rule.text;
      case "name":
        return terminal(rule.name) ?? make(grammar.get(rule.name) as Rule, depth + 1, word ?? WORDS.get(rule.name));
      case "choice": {
        // Parentheses and calls come first in the grammar, what ends comes last.
        const from = depth > 14 ? rule.parts.slice(-1) : rule.parts;
        return make(from[Math.floor(random() * from.length)] as Rule, depth, word);
      }
      case "sequence":
        return joined(rule.parts.map((part) => make(part, depth, word)));
      case "optional":
        return random() < (depth > 14 ? 0 : 0.4) ? make(rule.part, depth, word) : "";
      case "repeat": {
        const times = depth > 14 ? 0 : Math.floor(random() * 2.2);
        return joined(Array.from({ length: times }, () => make(rule.part, depth, word)));
      }
    }
  }
  return make({ is: "name", name: start }, 0, undefined);
}
