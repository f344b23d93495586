/** Servers that say what a test wants them to say. */

export type Answers = readonly ((request: Request) => Response | Promise<Response>)[];

export type Answering = {
  readonly url: string;
  /** Every request that came, with its body. */
  readonly requests: readonly { readonly headers: Headers; readonly body: unknown }[];
  stop(): Promise<void>;
};

/** Answers request number n with `answers[n]`, and every later one with the last. */
export function answering(...answers: Answers): Answering {
  const requests: { headers: Headers; body: unknown }[] = [];
  const server = Bun.serve({
    port: 0,
    idleTimeout: 0,
    fetch: async (request) => {
      const answer = answers[Math.min(requests.length, answers.length - 1)]!;
      requests.push({ headers: request.headers, body: await request.json() });
      return answer(request);
    },
  });
  return { url: `${server.url.href}graphql`, requests, stop: () => server.stop(true) };
}

export const data = (value: unknown) => () => Response.json({ data: value });

export const failure =
  (code: string, status: number, headers: Record<string, string> = {}) =>
  () =>
    Response.json({ errors: [{ message: `it is ${code}`, extensions: { code } }] }, { status, headers });

/** A table whose body is these pieces, and which then ends, or breaks off with its connection. */
export const table =
  (pieces: readonly Uint8Array[], { breaksOff = false } = {}) =>
  () => {
    let next = 0;
    const source: UnderlyingDefaultSource<Uint8Array> = {
      pull(controller) {
        const piece = pieces[next++];
        if (piece) controller.enqueue(piece);
        else if (breaksOff) controller.error(new Error("the server broke off"));
        else controller.close();
      },
    };
    const headers = { "content-type": "application/vnd.apache.arrow.stream" };
    return new Response(new ReadableStream(source, { highWaterMark: 0 }), { headers });
  };
