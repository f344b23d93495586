/**
 * Whether a request has `authorization: Bearer` and this token. Hashes are compared, all of them: how long it takes says
 * nothing about how much of a wrong token was right.
 */
export async function holdsToken(request: Request, token: string): Promise<boolean> {
  const given = /^Bearer +([^\s]+)$/i.exec(request.headers.get("authorization") ?? "")?.[1] ?? "";
  const [a, b] = await Promise.all([hashed(given), hashed(token)]);
  let difference = 0;
  for (let n = 0; n < a.length; n += 1) difference |= (a[n] ?? 0) ^ (b[n] ?? 0);
  return difference === 0;
}

async function hashed(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
}
