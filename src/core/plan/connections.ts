/** Relay connections: https://relay.dev/graphql/connections.htm */
import { type GraphQLObjectType, getNamedType } from "graphql";
import { meaningOf, type RowsMeaning } from "../graphql/meaning.ts";
import { collectFields } from "../graphql/selection.ts";
import { totalKey } from "../schema/total-key.ts";
import { badInput, type PlanContext, type Selected } from "./context.ts";
import type { ConnectionNode, ConnectionPart, EdgePart, OrderTerm, PageInfoPart } from "./plan.ts";
import { filteredRows, leafBind, orderOf } from "./rows.ts";
import { ROOT, strategyOf } from "./strategy.ts";

/** @throws FraiseqlError BAD_USER_INPUT for `first` beside `last`, and for an object without a key that cursors could be made of */
export function planConnection(selected: Selected, subject: RowsMeaning): ConnectionNode {
  const { coordinate } = selected;
  const filtered = filteredRows(selected, subject);
  const { args } = filtered;
  const first = leafBind(args, "first");
  const last = leafBind(args, "last");
  if (first && last) throw badInput("first and last together have no clear meaning; give one of them.");
  const rows = { ...filtered.rows, order: orderOf(selected, filtered) };
  if (!totalKey(subject.object.keys))
    throw badInput(
      `${subject.object.name} has no key without nulls, so its rows have no cursors; use the list with limit and offset.`,
    );
  const size = first ?? last;
  const after = leafBind(args, "after");
  const before = leafBind(args, "before");
  return {
    kind: "connection",
    rows: { ...rows, strategy: strategyOf(ROOT, rows) },
    coordinate,
    ...(size && { size }),
    backward: last !== undefined,
    ...(after && { after }),
    ...(before && { before }),
    fingerprint: fingerprint(subject.object.name, rows.order),
    output: parts(selected, (type, key, part, partNodes): ConnectionPart => {
      const inner = { ...selected, nodes: partNodes };
      switch (part) {
        case "totalCount":
          return { kind: "totalCount" };
        case "edges":
          return { kind: "edges", output: edgeParts(inner, type, key) };
        case "nodes":
          return { kind: "nodes", output: selected.select(namedObject(type, key), partNodes, ROOT) };
        case "pageInfo":
          return { kind: "pageInfo", output: pageInfoParts(inner, type, key) };
        default:
          throw new TypeError(`a connection has no ${part}`);
      }
    }),
  };
}

function edgeParts(
  selected: Selected,
  parent: GraphQLObjectType,
  name: string,
): readonly { key: string; part: EdgePart }[] {
  return collect(
    selected.context,
    namedObject(parent, name),
    selected.nodes,
    (type, fieldName, part, nodes): EdgePart =>
      part === "cursor"
        ? { kind: "cursor" }
        : { kind: "node", output: selected.select(namedObject(type, fieldName), nodes, ROOT) },
  );
}

function pageInfoParts(
  selected: Selected,
  parent: GraphQLObjectType,
  name: string,
): readonly { key: string; part: PageInfoPart }[] {
  return collect(
    selected.context,
    namedObject(parent, name),
    selected.nodes,
    (_type, _name, part): PageInfoPart => ({ kind: part }) as PageInfoPart,
  );
}

type ReadPart<P> = (type: GraphQLObjectType, fieldName: string, part: string, nodes: Selected["nodes"]) => P;

function parts<P>(selected: Selected, read: ReadPart<P>): readonly { key: string; part: P | Constant }[] {
  return collect(selected.context, getNamedType(selected.field.type) as GraphQLObjectType, selected.nodes, read);
}

type Constant = { readonly kind: "constant"; readonly json: string };

function collect<P>(
  context: PlanContext,
  type: GraphQLObjectType,
  nodes: Selected["nodes"],
  read: ReadPart<P>,
): readonly { key: string; part: P | Constant }[] {
  const fields = collectFields(
    context,
    type,
    nodes.map((node) => node.selectionSet),
  );
  return [...fields].map(([key, fieldNodes]) => {
    const name = fieldNodes[0].name.value;
    if (name === "__typename") return { key, part: { kind: "constant", json: JSON.stringify(type.name) } };
    const field = type.getFields()[name];
    const meaning = field && meaningOf(field);
    if (meaning?.kind !== "part") throw new TypeError(`${type.name}.${name} is no part of a connection`);
    return { key, part: read(type, name, meaning.part, fieldNodes) };
  });
}

function namedObject(parent: GraphQLObjectType, field: string): GraphQLObjectType {
  return getNamedType(parent.getFields()[field]?.type) as GraphQLObjectType;
}

/** A short text that differs where a cursor of one order would be misread in another. FNV-1a, 32 bit. */
function fingerprint(object: string, order: readonly OrderTerm[]): string {
  const terms = order.map(({ value, direction, nulls }) => [
    direction,
    nulls,
    value.path.map(({ link }) => link.local),
    value.kind === "value" ? value.value : [value.rows.link?.foreign, value.measure],
  ]);
  // A cursor outlives a change of a type: PostgreSQL refuses a value that no longer fits.
  const text = JSON.stringify([object, terms], (key, value) => (UNSTABLE.has(key) ? undefined : value));
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0).toString(36);
}

const UNSTABLE = new Set(["type", "notNull", "shape"]);
