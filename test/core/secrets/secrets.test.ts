import { expect, test } from "bun:test";
import { boundedFacts, cutText } from "../../../src/core/jobs/bounded-facts.ts";
import { maskSecrets } from "../../../src/core/secrets/mask-secrets.ts";
import { fillSecrets, isReference, referenceProblem } from "../../../src/core/secrets/secret-reference.ts";

test("references are replaced by what is read, which is not looked at again", async () => {
  const read = async ({ scheme, name }: { scheme: string; name: string }) => `<${scheme} ${name} \${env://C}>`;
  expect(await fillSecrets("a ${env://A}${file:///b} c", read)).toEqual({
    text: "a <env A ${env://C}><file /b ${env://C}> c",
    secrets: ["<env A ${env://C}>", "<file /b ${env://C}>"],
  });
  expect(await fillSecrets("no ${reference} $ {}", read)).toEqual({ text: "no ${reference} $ {}", secrets: [] });
});

test("a reference that cannot be followed is a problem", () => {
  const texts = ["${vault://a}", "${env://}", "${env://A-B}", "${file://relative}", "${env://A}${http://x}"];
  expect(texts.map((text) => referenceProblem(text)?.startsWith("expected"))).toEqual(texts.map(() => true));
  expect(["", "${env://A}", "x ${file:///run/secrets/a b} y", "${x}"].map(referenceProblem)).toEqual(
    Array(4).fill(undefined),
  );
  expect(["${env://A}", " ${env://A}", "${env://A}}", "${env://A}${env://B}", "A"].map(isReference)).toEqual([
    true,
    ...[false, false, false, false],
  ]);
});

test("secrets are masked in every form that they are sent in, the longest first", () => {
  expect(maskSecrets('a b"c d', ["b", 'b"c'])).toBe("a *** d");
  expect(maskSecrets('{"q":"b\\"c","u":"b%22c"}', ['b"c'])).toBe('{"q":"***","u":"***"}');
  expect(maskSecrets("$& abc", ["abc", ""])).toBe("$& ***");
  const secret = 'T0/B1/a"é&';
  for (const form of ['T0\\/B1\\/a\\"é&', 'T0\\/B1\\/a\\"\\u00e9&', 'T0/B1/a\\"\\u00e9&', "T0/B1/a&quot;é&amp;"]) {
    expect(maskSecrets(`<${form}>`, [secret])).toBe("<***>");
  }
});

test("a secret at the place where a text is cut is masked before", () => {
  const { response } = boundedFacts({ response: `${"x".repeat(2_040)}s3cret-and-more`, status: 1 }, [
    "s3cret-and-more",
  ]);
  expect(response).toBe(`${"x".repeat(2_040)}***`);
});

test("a text is cut between characters", () => {
  expect(cutText("äöü", 6)).toBe("äöü");
  expect(cutText("äöüx", 6)).toBe("ä…");
  expect(cutText("😀😀", 7)).toBe("😀…");
  expect(cutText("a".repeat(100), 3)).toBe("…");
});
