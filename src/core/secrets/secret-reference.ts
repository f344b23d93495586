/** References to secrets in the options of actions: `${env://NAME}` and `${file:///path}`. The secret itself is read at use. */

export type SecretReference = {
  readonly scheme: "env" | "file";
  /** The variable's name, or the file's absolute path. */
  readonly name: string;
};

const REFERENCE = /\$\{([a-z][a-z0-9]*):\/\/([^}]*)\}/g;
const NAMES = { env: /^[A-Za-z_][A-Za-z0-9_]*$/, file: /^\/[^\0]+$/ } as const;

/** What is wrong with the references of a text; undefined when nothing is. A text without any is right too. */
export function referenceProblem(text: string): string | undefined {
  for (const [whole, scheme = "", name = ""] of text.matchAll(REFERENCE)) {
    if (!isScheme(scheme)) return `expected env:// or file:// in ${whole}`;
    if (!NAMES[scheme].test(name)) {
      return `expected ${scheme === "env" ? "the name of a variable" : "an absolute path"} after ${scheme}:// in ${whole}`;
    }
  }
  return undefined;
}

/** Whether the whole text is one reference. */
export function isReference(text: string): boolean {
  return /^\$\{(env|file):\/\/[^}]*\}$/.test(text) && referenceProblem(text) === undefined;
}

export type FilledText = {
  readonly text: string;
  /** The secrets in it, which must not be shown. */
  readonly secrets: readonly string[];
};

/** The text with every reference replaced by what `read` gives for it. What is read is not looked at again. */
export async function fillSecrets(
  text: string,
  read: (reference: SecretReference) => Promise<string>,
): Promise<FilledText> {
  const parts: string[] = [];
  const secrets: string[] = [];
  let from = 0;
  for (const { 0: whole, 1: scheme = "", 2: name = "", index } of text.matchAll(REFERENCE)) {
    if (!isScheme(scheme)) continue;
    const secret = await read({ scheme, name });
    parts.push(text.slice(from, index), secret);
    secrets.push(secret);
    from = index + whole.length;
  }
  return { text: parts.join("") + text.slice(from), secrets };
}

function isScheme(scheme: string): scheme is SecretReference["scheme"] {
  return scheme === "env" || scheme === "file";
}
