/** The page of GraphiQL: what it loads, and what a script in it may do. */
import { expect, test } from "bun:test";
import { graphiql } from "../../routes/graphiql.ts";

const page = graphiql();
const html = await page.text();
const policy = new Map(
  (page.headers.get("content-security-policy") ?? "").split("; ").map((directive) => {
    const [name = "", ...sources] = directive.split(" ");
    return [name, sources];
  }),
);
const tags = [...html.matchAll(/<(?:script|link)\b[^>]*>/g)].map(([tag]) => tag);
const loaded = tags.filter((tag) => /\b(src|href)=/.test(tag));
const urlOf = (tag: string): string => /\b(?:src|href)="([^"]*)"/.exec(tag)?.[1] ?? "";

test("every file it loads has an exact version and the hash of its bytes", () => {
  expect(loaded.length).toBe(4);
  for (const tag of loaded) {
    expect(urlOf(tag)).toMatch(/^https:\/\/cdn\.jsdelivr\.net\/npm\/[a-z-]+@\d+\.\d+\.\d+\/[a-z./-]+$/);
    expect(tag).toMatch(/ integrity="sha384-[A-Za-z0-9+/]{64}" crossorigin="anonymous">$/);
  }
});

test("no script runs but these and the one that starts it", () => {
  const inline = [...html.matchAll(/<script>([^<]*)<\/script>/g)].map(([, text = ""]) => text);
  expect(inline.length).toBe(1);
  const hash = new Bun.CryptoHasher("sha256").update(inline[0] ?? "").digest("base64");
  const scripts = loaded.filter((tag) => tag.startsWith("<script")).map(urlOf);
  expect(policy.get("script-src")).toEqual([...scripts, `'sha256-${hash}'`]);
  expect(html).not.toMatch(/\son[a-z]+=|javascript:/);
});

test("what they learn goes to this server alone, and nobody frames the page", () => {
  const none = ["'none'"];
  expect(["default-src", "base-uri", "form-action", "frame-ancestors"].map((name) => policy.get(name))).toEqual([
    none,
    none,
    none,
    none,
  ]);
  expect(policy.get("connect-src")).toEqual(["'self'"]);
  for (const name of ["img-src", "font-src"]) expect(policy.get(name)).toEqual(["data:"]);
});
