import type { Output, ValueNode } from "../../plan/plan.ts";
import type { PgType } from "../../schema/catalog.ts";

/**
 * Whether the JSON of a selection may hold line ends. PostgreSQL keeps the text of a `json` value as it was written,
 * with whatever stood between its parts; all other JSON here is on one line.
 */
export function holdsLineEnds(output: Output): boolean {
  return output.some(({ node }) => nodeHolds(node));
}

function nodeHolds(node: ValueNode): boolean {
  switch (node.kind) {
    case "scalar":
    case "call":
      return isJson(node.shape.type);
    case "embedded":
    case "one":
    case "list":
      return holdsLineEnds(node.output);
    case "connection":
      return node.output.some(({ part }) => {
        if (part.kind === "nodes") return holdsLineEnds(part.output);
        return (
          part.kind === "edges" &&
          part.output.some(({ part: edge }) => edge.kind === "node" && holdsLineEnds(edge.output))
        );
      });
    case "polymorphic":
      return node.members.some((member) => holdsLineEnds(member.output));
    default:
      return false;
  }
}

function isJson(type: PgType): boolean {
  if (type.kind === "array") return isJson(type.element);
  if (type.kind === "domain") return isJson(type.base);
  return type.kind === "base" && type.name === "json";
}
