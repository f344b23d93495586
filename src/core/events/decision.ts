/** What one version of one rule said of one event. */
export type Decision = {
  readonly ruleName: string;
  readonly ruleVersion: number;
  readonly matched: boolean;
  /** Why not, in the words of `explain`: the clause and the values it saw; absent where it matched. */
  readonly reason?: string;
};
