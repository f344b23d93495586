/** A body is made as fast as it is read, and says how it ended. */
import { expect, test } from "bun:test";
import { streamBody } from "../../routes/stream-body.ts";
import { restOf } from "../../src/flows/exports/chunks.ts";

const text = (value: string) => new TextEncoder().encode(value);

function bodyOf(chunks: (Uint8Array | Error)[]) {
  const happened: string[] = [];
  let taken = 0;
  const next = async (): Promise<Uint8Array | undefined> => {
    const chunk = chunks[taken];
    taken += 1;
    if (chunk instanceof Error) throw chunk;
    return chunk;
  };
  const body = streamBody(
    text("first"),
    restOf(next, () => void happened.push("left")),
    {
      abandoned: () => happened.push("abandoned"),
      made: () => happened.push("made"),
      failed: (error) => happened.push((error as Error).message),
    },
  );
  return { body, happened, taken: () => taken };
}

test("all chunks come in order, empty ones do not, and its end is told", async () => {
  const { body, happened } = bodyOf([text("a"), new Uint8Array(0), text("b")]);
  expect(await new Response(body).text()).toBe("firstab");
  expect(happened).toEqual(["made"]);
});

test("nothing is made for a reader that does not read", async () => {
  const { body, taken } = bodyOf([text("a"), text("b"), text("c")]);
  const reader = body.getReader();
  expect(taken()).toBe(0);
  await reader.read();
  expect((await reader.read()).value).toEqual(text("a"));
  expect(taken()).toBeLessThanOrEqual(2);
});

test("a failure breaks the body off and is told", async () => {
  const { body, happened } = bodyOf([text("a"), new Error("gone")]);
  await expect(new Response(body).text()).rejects.toThrow();
  expect(happened).toEqual(["gone"]);
});

test("a reader that leaves ends what makes it", async () => {
  const { body, happened } = bodyOf([text("a"), text("b"), text("c")]);
  await body.cancel();
  expect(happened).toEqual(["abandoned", "left"]);
});
