/** Secrets of the machine a worker runs on: variables of its environment, and files that an orchestrator mounts. */
import { open, realpath } from "node:fs/promises";
import { sep } from "node:path";
import { FraiseqlError } from "../../core/errors.ts";
import type { Secrets } from "../../ports/secrets.ts";

export type LocalSecretsOptions = {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Variables that rules may name: whoever writes rules must not read the database's password. `SECRET_*` is all that begin so. */
  readonly variables: readonly string[];
  /** Files that rules may name are below this folder, links resolved. */
  readonly directory: string;
};

const BYTES_MAX = 65_536;

/** Reads `env://` from the variables that are allowed and `file://` below one directory; rejects with SECRET_UNAVAILABLE. */
export function createLocalSecrets({ environment, variables, directory }: LocalSecretsOptions): Secrets {
  const allows = (name: string) =>
    variables.some((one) => (one.endsWith("*") ? name.startsWith(one.slice(0, -1)) : name === one));
  return {
    read: async ({ scheme, name }) => {
      if (scheme === "file") return await readSecretFile(directory, name);
      if (!allows(name)) throw unavailable(`The variable ${name} is not one of secrets.variables.`);
      const value = environment[name];
      if (value === undefined || value === "") throw unavailable(`The variable ${name} is not set.`);
      return value;
    },
  };
}

async function readSecretFile(directory: string, path: string): Promise<string> {
  const missing = (cause: unknown) => unavailable(`The file ${path} cannot be read.`, cause);
  const [folder, file] = await Promise.all([realpath(directory), realpath(path)]).catch((cause: unknown) => {
    throw missing(cause);
  });
  const inside = folder.endsWith(sep) ? folder : folder + sep;
  if (!file.startsWith(inside)) throw unavailable(`The file ${path} is not below secrets.directory.`);
  const opened = await open(file, "r").catch((cause: unknown) => {
    throw missing(cause);
  });
  try {
    if (!(await opened.stat()).isFile()) throw missing(undefined);
    const { buffer, bytesRead } = await opened.read(Buffer.alloc(BYTES_MAX + 1), 0, BYTES_MAX + 1, 0);
    if (bytesRead > BYTES_MAX) throw unavailable(`The file ${path} is larger than ${BYTES_MAX} bytes.`);
    // Editors end files with a line end; no secret does.
    const secret = buffer.toString("utf8", 0, bytesRead).replace(/\r?\n$/, "");
    if (secret === "") throw unavailable(`The file ${path} is empty.`);
    return secret;
  } finally {
    await opened.close();
  }
}

function unavailable(message: string, cause?: unknown): FraiseqlError {
  return new FraiseqlError("SECRET_UNAVAILABLE", message, cause === undefined ? {} : { cause });
}
