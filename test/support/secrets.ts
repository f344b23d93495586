import { FraiseqlError } from "../../src/core/errors.ts";
import type { Secrets } from "../../src/ports/secrets.ts";

/** Variables alone, all of which may be read. */
export function fixedSecrets(variables: Readonly<Record<string, string>>): Secrets {
  return {
    read: async ({ name }) => {
      const value = variables[name];
      if (value === undefined) throw new FraiseqlError("SECRET_UNAVAILABLE", `The variable ${name} is not set.`);
      return value;
    },
  };
}
