/** How the line of a row is made; one for each language of lines. */
import type { Measure, MeasureOutput, Output } from "../../plan/plan.ts";
import type { Fragment } from "../fragment.ts";
import type { Render } from "../render.ts";
import type { Row } from "../scope.ts";
import type { Layout } from "./flat.ts";

export type MeasureOf = (measure: Measure) => Fragment;
export type KeyOf = ((index: number) => Fragment) | undefined;

export type Line = {
  readonly name: string;
  readonly row: (output: Output, row: Row, joins: Fragment[], render: Render, layout: Layout) => Fragment;
  readonly measures: (output: MeasureOutput, render: Render, measureOf: MeasureOf, keyOf?: KeyOf) => Fragment;
};
