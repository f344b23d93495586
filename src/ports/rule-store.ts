/** Where rules are kept, with every version they ever had. */
import type { JsonObject } from "../core/events/json.ts";

export type StoredRule = {
  readonly name: string;
  /** 1 for the first; each change of the rule is one more. */
  readonly version: number;
  /** As core/rules writes it. */
  readonly definition: JsonObject;
};

export type RuleVersion = StoredRule & {
  /** RFC 3339, UTC. */
  readonly changedAt: string;
  readonly changedBy: string;
  /** The versions of the rule set that held it: from the first, to before the second; absent while it is current. */
  readonly since: number;
  readonly until?: number;
};

/** The rules that held together. Each change of any of them makes a new set. */
export type RuleSet = { readonly version: number; readonly rules: readonly StoredRule[] };

export type RuleChange = {
  /** The version of the set that the change was made from. */
  readonly expected: number;
  readonly put: readonly { readonly name: string; readonly definition: JsonObject }[];
  readonly remove: readonly string[];
  /** Who asked for it, for the history and the audit. */
  readonly by: string;
};

export interface RuleStore {
  version(): Promise<number>;
  current(): Promise<RuleSet>;
  /** The set of that version, even if it is not the newest. */
  at(version: number): Promise<RuleSet>;
  history(name: string): Promise<readonly RuleVersion[]>;
  /**
   * All of the change or nothing, and an entry in the audit.
   *
   * @throws FraiseqlError RULES_CHANGED when the set is no longer the expected one
   */
  apply(change: RuleChange): Promise<RuleSet>;
}
