import type { SecretReference } from "../core/secrets/secret-reference.ts";

/** Where secrets are read, at the moment they are used. */
export interface Secrets {
  /** @throws FraiseqlError SECRET_UNAVAILABLE when there is none, or it may not be read; the message holds no secret */
  read(reference: SecretReference): Promise<string>;
}
