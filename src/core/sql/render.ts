import type { Output } from "../plan/plan.ts";
import type { Fragment } from "./fragment.ts";
import type { JsonText } from "./json-text.ts";
import type { Rendering, Row } from "./scope.ts";

/** What renders the selection of a row; given to the renderers of lists, so that they do not import the one of all nodes. */
export type Render = Rendering & {
  readonly output: (output: Output, row: Row, joins: Fragment[]) => JsonText;
};
