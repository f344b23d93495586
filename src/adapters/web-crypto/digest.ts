/**
 * SHA-256 of a text's UTF-8 bytes, as 64 hexadecimal digits. Web Crypto, so the same on Bun, Deno and Node.
 */
export async function digest(text: string): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
