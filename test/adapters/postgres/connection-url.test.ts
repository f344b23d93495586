import { expect, test } from "bun:test";
import { parseConnectionUrl } from "../../../src/adapters/postgres/connection/url.ts";

test.each([
  ["postgres://me@h", { host: "h", port: 5432, user: "me", password: "", database: "me", tls: "prefer" }],
  [
    "postgresql://m%40e:p%2Fw@db.example:6432/wor%20ld?sslmode=verify-full",
    { host: "db.example", port: 6432, user: "m@e", password: "p/w", database: "wor ld", tls: "verify-full" },
  ],
  ["postgres://me@[::1]:1/a", { host: "::1", port: 1, user: "me", password: "", database: "a", tls: "prefer" }],
  ["postgres://me@h:80/a", { host: "h", port: 80, user: "me", password: "", database: "a", tls: "prefer" }],
  [
    "postgres://me@/a?host=/var/run/postgresql",
    { host: "/var/run/postgresql", port: 5432, user: "me", password: "", database: "a", tls: "prefer" },
  ],
  [
    "postgres://me@h/a?channel_binding=require",
    { host: "h", port: 5432, user: "me", password: "", database: "a", tls: "prefer", channelBinding: "require" },
  ],
] as const)("%s", (url, target) => {
  expect(parseConnectionUrl(url)).toEqual(target);
});

test.each([
  ["mysql://me@h/a", "is not of the form"],
  ["postgres://me:secret@h:port/a", "is not of the form"],
  ["postgres://h/secret", "names no user"],
  ["postgres://me:secret%ZZ@h/a", "holds a % that begins no escape"],
  ["postgres://me%00database%00secret@h/a", "holds the character U+0000"],
  ["postgres://me:secret@h/a?sslmode=on", "has an unknown sslmode"],
  ["postgres://me:secret@h/a?channel_binding=on", "has an unknown channel_binding"],
  ["postgres://me:secret@h/a?sslrootcert=x", "does not take sslrootcert"],
])("%s is refused, and nothing secret repeated", (url, reason) => {
  expect(() => parseConnectionUrl(url)).toThrow(reason);
  try {
    parseConnectionUrl(url);
  } catch (error) {
    expect((error as { code: string }).code).toBe("CONFIG_INVALID");
    expect((error as Error).message).not.toContain("secret");
  }
});
