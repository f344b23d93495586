const MASK = "***";

/** The text without the secrets, in clear, percent-encoded, or as JSON writes them. */
export function maskSecrets(text: string, secrets: readonly string[]): string {
  const shown = secrets
    .filter((secret) => secret !== "")
    .flatMap((secret) => [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]);
  // Longest first: a secret may begin another.
  return [...new Set(shown)]
    .toSorted((a, b) => b.length - a.length)
    .reduce((masked, secret) => masked.replaceAll(secret, MASK), text);
}
