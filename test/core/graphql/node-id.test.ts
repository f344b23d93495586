import { describe, expect, test } from "bun:test";
import { decodeBase64url } from "../../../src/core/graphql/base64url.ts";
import { decodeNodeId, parseTexts } from "../../../src/core/graphql/node-id.ts";

const encode = (text: string): string => Buffer.from(text, "utf8").toString("base64url");

describe("base64url", () => {
  test("is read with and without padding, in both alphabets, as UTF-8", () => {
    for (const text of ["", "a", "ab", "abc", "é", "日本語", "👩‍👩‍👧‍👦", "\u0000\u001f", '["Work","1"]', "?>~ÿ"]) {
      expect(decodeBase64url(encode(text))).toBe(text);
      expect(decodeBase64url(Buffer.from(text, "utf8").toString("base64"))).toBe(text);
    }
  });

  test("of anything else is undefined", () => {
    for (const token of [
      "%",
      "a b",
      "é",
      "_w",
      Buffer.from([0xff]).toString("base64url"),
      Buffer.from([0xed, 0xa0, 0x80]).toString("base64url"),
    ]) {
      expect(decodeBase64url(token)).toBeUndefined();
    }
  });
});

describe("node ids", () => {
  test("hold a type and the values of its key", () => {
    expect(decodeNodeId(encode('["Hanging","1","x\\"y"]'))).toEqual({ type: "Hanging", key: ["1", 'x"y'] });
    expect(decodeNodeId(encode('["Work"]'))).toEqual({ type: "Work", key: [] });
  });

  test("are nothing else", () => {
    for (const text of [
      "",
      "[]",
      "{}",
      "null",
      '"Work"',
      "[1]",
      '["Work",1]',
      '["Work",null]',
      '["Work",["1"]]',
      '["Work","1"',
    ]) {
      expect([text, decodeNodeId(encode(text))]).toEqual([text, undefined]);
    }
    for (const value of [undefined, null, 5, "%%%"]) expect(decodeNodeId(value)).toBeUndefined();
  });

  test("a list of texts may hold null, as cursors do", () => {
    expect(parseTexts('["a",null]')).toEqual(["a", null]);
    expect(parseTexts('["a",1]')).toBeUndefined();
  });
});
