import type { Condition } from "./plan.ts";

/** The truth of a condition that is the same for every row, whatever is in it; undefined where rows decide. */
export function constantCondition(condition: Condition): boolean | undefined {
  switch (condition.kind) {
    case "and":
      return settled(condition.terms, false);
    case "or":
      return settled(condition.terms, true);
    case "not": {
      const inner = constantCondition(condition.term);
      return inner === undefined ? undefined : !inner;
    }
    case "related": {
      const { quantifier, where } = condition;
      const inner = where ? constantCondition(where) : true;
      if (quantifier === "every") return inner === true ? true : undefined;
      return inner === false ? quantifier === "none" : undefined;
    }
    default:
      return undefined;
  }
}

/** One term with this truth settles all; without any, all others have to be known. */
function settled(terms: readonly Condition[], decisive: boolean): boolean | undefined {
  const truths = terms.map(constantCondition);
  if (truths.includes(decisive)) return decisive;
  return truths.every((truth) => truth !== undefined) ? !decisive : undefined;
}
