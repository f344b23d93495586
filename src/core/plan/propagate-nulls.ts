/**
 * Null propagation as the specification of GraphQL says (https://spec.graphql.org/October2021/#sec-Handling-Field-Errors):
 * a null in a non-null place makes the nearest place around it null that may be null. It reads what the form of
 * `sql/shown-nulls.ts` answers, and is only run once a statement has failed for such a null.
 */
import type { ResponseError } from "../errors.ts";
import { nullViolationMessage } from "../null-violation.ts";
import type { ConnectionNode, EmbeddedNode, OneNode, Output, Plan, PolymorphicNode, ValueNode } from "./plan.ts";
import { hasNullForm } from "./shape.ts";

export type PropagatedAnswer = {
  /** JSON: an object, or `null` where a null has reached the root. */
  readonly data: string;
  /** One for each field that holds a null it must not, in order of the answer. Behind `errorsMax`, one that counts the rest. */
  readonly errors: readonly ResponseError[];
};

type Json = null | string | number | boolean | readonly Json[] | { readonly [key: string]: Json };
type JsonObject = { readonly [key: string]: Json };
type Location = Output[number]["location"];

/** JSON of a place of the answer; undefined where the null has to go on to the place around it. */
type Placed = string | undefined;

type Walk = {
  /** Response keys and list indices down to the place that is read. */
  readonly path: (string | number)[];
  readonly violated: (coordinate: string, location: Location) => undefined;
};

/**
 * @param shown - the answer of the form in which nulls are shown
 * @param errorsMax - how many violations are told one by one
 */
export function propagateNulls(plan: Plan, shown: string, errorsMax: number): PropagatedAnswer {
  const errors: ResponseError[] = [];
  const path: (string | number)[] = [];
  let count = 0;
  const violated: Walk["violated"] = (coordinate, location) => {
    count += 1;
    if (count > errorsMax) return;
    errors.push({
      message: nullViolationMessage(coordinate),
      ...(location && { locations: [location] }),
      path: [...path],
      extensions: { at: coordinate, code: "NOT_NULL_VIOLATED" },
    });
  };
  const { data } = JSON.parse(shown) as { readonly data: JsonObject };
  const placed = outputJson(plan.output, data, { path, violated }) ?? "null";
  if (count > errorsMax) {
    const message = `${count - errorsMax} more non-null fields hold a null; only the first ${errorsMax} are listed.`;
    errors.push({ message, extensions: { limit: errorsMax, code: "NOT_NULL_VIOLATED" } });
  }
  return { data: placed, errors };
}

/** Every field is read, also behind one that made the object null: each violation is told once. */
function outputJson(output: Output, value: Json, walk: Walk): Placed {
  return objectJson(output, value, walk, ({ node, location }, inner) => nodeJson(node, inner, walk, location));
}

function objectJson<Member extends { readonly key: string }>(
  members: readonly Member[],
  value: Json,
  walk: Walk,
  read: (member: Member, value: Json) => Placed,
): Placed {
  const object = value as JsonObject;
  const texts: string[] = [];
  for (const member of members) {
    walk.path.push(member.key);
    const json = read(member, object[member.key] ?? null);
    walk.path.pop();
    if (json !== undefined) texts.push(`${JSON.stringify(member.key)}:${json}`);
  }
  return texts.length === members.length ? `{${texts.join(",")}}` : undefined;
}

/** A list whose items may not be null is null itself where one of them is. */
function listJson(value: Json, walk: Walk, read: (item: Json) => Placed): Placed {
  const items = value as readonly Json[];
  const texts: string[] = [];
  for (const [index, item] of items.entries()) {
    walk.path.push(index);
    const json = read(item);
    walk.path.pop();
    if (json !== undefined) texts.push(json);
  }
  return texts.length === items.length ? `[${texts.join(",")}]` : undefined;
}

function nodeJson(node: ValueNode, value: Json, walk: Walk, location: Location): Placed {
  switch (node.kind) {
    case "constant":
      return node.json;
    // No part of these is declared non-null and may yet be null.
    case "given":
    case "nodeId":
    case "aggregate":
    case "groups":
      return value as string;
    case "scalar":
      if (value !== null) return value as string;
      return node.nullable || hasNullForm(node.shape) ? "null" : walk.violated(node.coordinate, location);
    case "call":
      if (value !== null) return value as string;
      return node.nullable ? "null" : walk.violated(node.coordinate, location);
    case "embedded":
    case "one":
      return objectsJson(node, value, walk, location);
    case "list":
      return listJson(value, walk, (item) => outputJson(node.output, item, walk));
    case "connection":
      return connectionJson(node, value, walk);
    case "polymorphic":
      return listJson(value, walk, (item) => memberJson(node, item, walk));
  }
}

/** An object that may be missing, or a list of objects that are values and may be null each. */
function objectsJson(node: EmbeddedNode | OneNode, value: Json, walk: Walk, location: Location): Placed {
  if (value === null) return node.nullable ? "null" : walk.violated(node.coordinate, location);
  if (node.kind === "embedded" && node.list) {
    return listJson(value, walk, (item) => (item === null ? "null" : (outputJson(node.output, item, walk) ?? "null")));
  }
  return outputJson(node.output, value, walk) ?? (node.nullable ? "null" : undefined);
}

function memberJson({ members }: PolymorphicNode, item: Json, walk: Walk): Placed {
  const [index, row] = item as readonly [number, Json];
  const member = members[index];
  if (!member) throw new TypeError(`there is no member ${index} of a list of several types`);
  return outputJson(member.output, row, walk);
}

function connectionJson({ output }: ConnectionNode, value: Json, walk: Walk): Placed {
  return objectJson(output, value, walk, ({ part }, inner) => {
    switch (part.kind) {
      case "nodes":
        return listJson(inner, walk, (item) => outputJson(part.output, item, walk));
      case "edges":
        return listJson(inner, walk, (edge) =>
          objectJson(part.output, edge, walk, (member, of) =>
            member.part.kind === "node" ? outputJson(member.part.output, of, walk) : JSON.stringify(of),
          ),
        );
      default:
        // Counts, flags, cursors and names: what is read is what was written.
        return JSON.stringify(inner);
    }
  });
}
