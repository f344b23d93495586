/** A row as one JSON object on one line. */
import { measuresText } from "../aggregate.ts";
import { sql } from "../fragment.ts";
import { type JsonText, objectText, textOf } from "../json-text.ts";
import { nodeText } from "../output.ts";
import { flatMembers, type Members } from "./flat-line.ts";
import { holdsLineEnds } from "./holds-line-ends.ts";
import type { Line } from "./line.ts";

export const JSON_LINE: Line = {
  name: "ndjson",
  row: (output, row, joins, render, layout) => {
    const object: JsonText =
      layout === "nested"
        ? render.output(output, row, joins)
        : ["{", ...flatMembers(output, row, joins, render, MEMBERS), "}"];
    return holdsLineEnds(output) ? sql`translate(${textOf(object)}, E'\\n\\r', '  ')` : textOf(object);
  },
  measures: (output, render, measureOf, keyOf) => textOf(measuresText(output, render, measureOf, keyOf)),
};

const MEMBERS: Members = {
  value: (name, node, row, joins, render) =>
    member(objectText([{ key: name, text: nodeText(node, row, joins, render) }])),
  measure: (each, render, measureOf) => member(measuresText([each], render, measureOf)),
  none: (name) => `${JSON.stringify(name)}:null`,
};

/** An object of one member without its braces. */
function member(object: JsonText): JsonText {
  const [head, ...rest] = object;
  return [String(head).slice(1), ...rest.slice(0, -1)];
}
