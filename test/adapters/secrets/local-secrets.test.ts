import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLocalSecrets } from "../../../src/adapters/secrets/local-secrets.ts";
import { refusal } from "../../contract/contract.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "fraiseql-secrets-"));
  await mkdir(join(folder, "mounted", "..data"), { recursive: true });
  await writeFile(join(folder, "mounted", "..data", "token"), "t0ken\n");
  await symlink(join("..data", "token"), join(folder, "mounted", "token"));
  await writeFile(join(folder, "outside"), "not for rules");
  await symlink(join(folder, "outside"), join(folder, "mounted", "link"));
  await writeFile(join(folder, "mounted", "large"), "x".repeat(65_537));
  await writeFile(join(folder, "mounted", "empty"), "\n");
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const secrets = () =>
  createLocalSecrets({
    environment: { SECRET_A: "a", SLACK: "b", DATABASE_URL: "postgres://", SECRET_EMPTY: "", XSECRET_A: "x" },
    variables: ["SECRET_*", "SLACK"],
    directory: join(folder, "mounted"),
  });
const file = (name: string) => ({ scheme: "file", name: join(folder, "mounted", name) }) as const;
const variable = (name: string) => ({ scheme: "env", name }) as const;

test("variables that are listed are read, by name or by how they begin", async () => {
  expect([await secrets().read(variable("SECRET_A")), await secrets().read(variable("SLACK"))]).toEqual(["a", "b"]);
});

test("others are not, though they are there: the database's password is none of a rule's secrets", async () => {
  for (const name of ["DATABASE_URL", "SLACK2", "XSECRET_A", "SECRET_EMPTY", "SECRET_NONE"]) {
    const { code, message } = await refusal(secrets().read(variable(name)));
    expect([code, message.includes(name)]).toEqual(["SECRET_UNAVAILABLE", true]);
  }
});

test("files below the folder are read without their last line end, links among them", async () => {
  expect([await secrets().read(file("token")), await secrets().read(file("..data/token"))]).toEqual(["t0ken", "t0ken"]);
});

test("a file is read anew each time, so that a secret can be changed under a running worker", async () => {
  const kept = secrets();
  await writeFile(join(folder, "mounted", "changing"), "one");
  expect(await kept.read(file("changing"))).toBe("one");
  await writeFile(join(folder, "mounted", "changing"), "two");
  expect(await kept.read(file("changing"))).toBe("two");
});

test("what leads out of the folder, is too large, empty, no file or not there is refused", async () => {
  for (const name of ["../outside", "link", "large", "empty", "..data", "none", "../../../../etc/hostname"]) {
    const { code, message } = await refusal(secrets().read(file(name)));
    expect([name, code, message.includes("not for rules")]).toEqual([name, "SECRET_UNAVAILABLE", false]);
  }
});
