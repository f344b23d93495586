/** The reference pages name every setting and every error as the code has them. */
import { expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { environmentKeys } from "../../src/config/environment-keys.ts";
import { loadConfig } from "../../src/config/load-config.ts";
import { ERROR_TITLES } from "../../src/core/error-titles.ts";
import { ERRORS, type ErrorCode } from "../../src/core/errors.ts";

const rowsOf = async (page: string): Promise<string[][]> => {
  const text = await readFile(join(import.meta.dir, "../../docs/reference", page), "utf8");
  const rows = text.split("\n").filter((line) => line.startsWith("| `"));
  return rows.map((row) => row.slice(2, -2).split(" | "));
};

test("the page on configuration has every setting with its variables and default, and no other", async () => {
  const defaults = loadConfig({ env: { DATABASE_URL: "postgres://me@host/db" } }) as Record<
    string,
    Record<string, unknown>
  >;
  const documented = (await rowsOf("configuration.md")).map(([setting, variables, fallback]) => ({
    setting: setting?.replaceAll("`", ""),
    variables: variables?.replaceAll("`", "").split(", ").toSorted(),
    fallback: fallback?.startsWith("`") ? fallback.replaceAll("`", "") : "described",
  }));
  const byName = new Map<string, { setting: string; variables: string[]; fallback: string }>();
  for (const { variable, section, key } of environmentKeys()) {
    const setting = `${section}.${key}`;
    const value = setting === "database.url" ? undefined : defaults[section]?.[key];
    const known = byName.get(setting);
    const variables = [...(known?.variables ?? []), variable].toSorted();
    byName.set(setting, { setting, variables, fallback: value === undefined ? "described" : String(value) });
  }
  const sorted = <T extends { setting?: string | undefined }>(all: T[]) =>
    all.toSorted((a, b) => ((a.setting ?? "") < (b.setting ?? "") ? -1 : 1));
  expect(sorted(documented)).toEqual(sorted([...byName.values()]) as typeof documented);
});

test("the page on errors has every code with its status and whether it may be tried again", async () => {
  const documented = (await rowsOf("errors.md")).map((cells) => [...cells.slice(0, 3), cells[3]?.split(/(?<=\.) /)[0]]);
  expect(documented as unknown[]).toEqual(
    Object.entries(ERRORS).map(([code, { status, retryable }]) => [
      `\`${code}\``,
      String(status),
      retryable ? "yes" : "no",
      ERROR_TITLES[code as ErrorCode].split(/(?<=\.) /)[0],
    ]),
  );
});
