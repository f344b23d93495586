const MASK = "***";

/**
 * The text without the secrets, in clear, percent-encoded, escaped for HTML, or as JSON writes them. Writers of JSON do not
 * agree on what they escape: some do it to every slash, some to all that is not ASCII.
 */
export function maskSecrets(text: string, secrets: readonly string[]): string {
  const shown = secrets.filter((secret) => secret !== "").flatMap(writtenForms);
  // Longest first: a secret may begin another.
  return [...new Set(shown)]
    .toSorted((a, b) => b.length - a.length)
    .reduce((masked, secret) => masked.replaceAll(secret, MASK), text);
}

function writtenForms(secret: string): readonly string[] {
  const json = JSON.stringify(secret).slice(1, -1);
  const jsons = [json, json.replace(/[^\x20-\x7e]/g, unicodeEscape)];
  return [
    secret,
    encodeURIComponent(secret),
    ...jsons,
    ...jsons.map((form) => form.replaceAll("/", "\\/")),
    secret.replace(/[&<>"]/g, (char) => HTML[char] ?? char),
  ];
}

const HTML: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

const unicodeEscape = (char: string): string => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
