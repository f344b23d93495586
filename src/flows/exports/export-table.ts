/** One operation as a table, from its text to the bytes of the body. */
import { fileFraming, streamFraming } from "../../core/columnar/framing.ts";
import type { ExtensionTypes } from "../../core/columnar/schema-message.ts";
import type { OperationRequest } from "../../core/operations.ts";
import { sourcesOf } from "../../core/plan/sources.ts";
import type { Layout } from "../../core/sql/exports/flat.ts";
import { divisibleRelation } from "../../core/sql/exports/part.ts";
import type { Compression } from "../../ports/compression.ts";
import type { DataVersion } from "../../ports/data-version.ts";
import type { TableSize } from "../../ports/table-size.ts";
import { type Answer, answerFailure } from "../answers/answer.ts";
import type { Exported, KeptExport } from "./chunks.ts";
import { compressExport } from "./compress-export.ts";
import type { ExportCache } from "./export-cache.ts";
import type { ExportParts, PreparedExport } from "./export-parts.ts";
import { rangesFor } from "./ordered-ranges.ts";
import { type ArrowOptions, prepareArrow } from "./prepare-arrow.ts";
import { CSV, NDJSON, prepareLines } from "./prepare-lines.ts";

export type TableFormat = "arrow-stream" | "arrow-file" | "ndjson" | "csv";

export type TableOptions = {
  readonly format: TableFormat;
  /** Aborts when the client goes away. */
  readonly signal: AbortSignal;
  /** The client can decompress this. */
  readonly coding?: "zstd" | undefined;
  /** The client takes the rows in any order and would have them read over so many connections, or over no more than one. */
  readonly connections?: number | undefined;
  /** How objects that are no lists stand in the table; as one column each if absent. */
  readonly layout?: Layout | undefined;
  /** Whether columns of Arrow say that they are UUIDs or JSON; they do if absent. */
  readonly extensionTypes?: ExtensionTypes | undefined;
  /** The client can keep the table and ask later whether it still holds. */
  readonly tagged?: { readonly isCurrent: (tag: string) => boolean } | undefined;
};

export type TableOutcome =
  /** Nothing was sent: an answer in JSON. */
  | { readonly kind: "refused"; readonly answer: Answer }
  /** The client has the table already. */
  | { readonly kind: "unchanged"; readonly tag: string }
  /** Its `rest` throws when the database fails in the middle. */
  | {
      readonly kind: "exported";
      readonly exported: Exported | KeptExport;
      readonly tag?: string | undefined;
      /** The table is read in parts, on at most so many connections. */
      readonly connections?: number | undefined;
    };

export type TableParts = ExportParts & {
  readonly digest: (text: string) => Promise<string>;
  readonly version?: DataVersion | undefined;
  readonly cache?: ExportCache | undefined;
  readonly compression?: Compression | undefined;
  readonly size?: TableSize | undefined;
};

const CONNECTIONS_MAX = 4;
/** Smaller parts are read before another connection is ready. */
const PART_PAGES_MIN = 1_000;

/** Never rejects. */
export async function exportTable(
  parts: TableParts,
  request: OperationRequest,
  options: TableOptions,
): Promise<TableOutcome> {
  try {
    return await tableOutcome(parts, request, options);
  } catch (error) {
    return { kind: "refused", answer: answerFailure(error) };
  }
}

async function tableOutcome(
  parts: TableParts,
  request: OperationRequest,
  options: TableOptions,
): Promise<TableOutcome> {
  const { format, signal, coding: wanted, connections: wished = 1, tagged: asked } = options;
  const asOne = options.connections !== undefined && options.connections <= 1;
  const { layout = "nested", extensionTypes = "named" } = options;
  const prepared = prepareTable(parts, request, { format, layout, extensionTypes });
  const divided = wished > 1 ? await division(parts, prepared, wished, signal) : undefined;
  const connections = divided?.connections;
  // Rows in any order are other bytes each time, which a strong tag cannot stand for.
  const tagged = divided ? undefined : asked;
  const compression = parts.compression?.coding === wanted ? parts.compression : undefined;
  const make = async (stop: AbortSignal): Promise<Exported> => {
    const ranges = divided || asOne ? undefined : await rangesFor(parts.size, prepared.ranged);
    const exported = await prepared.begin({ signal: stop, parts: divided, ranges });
    return compression ? compressExport(exported, compression) : exported;
  };
  const { version, cache } = parts;
  // Asked for before the data is: an export is never older than the version it goes by.
  const known = version && (tagged || cache) ? await version.now(sourcesOf(prepared.plan), { signal }) : undefined;
  if (known === undefined && !cache) return { kind: "exported", exported: await make(signal), connections };

  const key = await keyOf(parts, request, prepared, [
    format,
    layout,
    extensionTypes,
    compression?.coding,
    divided && "parts",
    known,
  ]);
  const tag = tagged && known !== undefined ? `"${key.slice(0, 32)}"` : undefined;
  if (tag !== undefined && tagged?.isCurrent(tag)) return { kind: "unchanged", tag };
  const exported = cache ? await cache.serve(key, make, signal) : await make(signal);
  return { kind: "exported", exported, tag, connections };
}

/** Into how many parts a table is worth being cut, if at all. */
async function division(
  { size }: TableParts,
  { plan }: PreparedExport,
  wished: number,
  signal: AbortSignal,
): Promise<{ readonly pages: number; readonly connections: number } | undefined> {
  const relation = divisibleRelation(plan);
  const pages = relation && (await size?.pages(relation, { signal }));
  if (pages === undefined) return undefined;
  const connections = Math.min(wished, CONNECTIONS_MAX, Math.floor(pages / PART_PAGES_MIN));
  return connections > 1 ? { pages, connections } : undefined;
}

function prepareTable(
  parts: ExportParts,
  request: OperationRequest,
  { format, layout, extensionTypes }: Pick<TableOptions, "format"> & Omit<ArrowOptions, "makeFraming">,
): PreparedExport {
  switch (format) {
    case "arrow-stream":
      return prepareArrow(parts, request, { makeFraming: streamFraming, layout, extensionTypes });
    case "arrow-file":
      return prepareArrow(parts, request, { makeFraming: fileFraming, layout, extensionTypes });
    case "ndjson":
      return prepareLines(parts, request, NDJSON, layout);
    case "csv":
      return prepareLines(parts, request, CSV, layout);
  }
}

/** Everything the bytes follow from, and who may see them. */
function keyOf(
  { fingerprint, digest }: TableParts,
  { query, operationName }: OperationRequest,
  { statement: { text, values } }: PreparedExport,
  more: readonly (string | undefined)[],
): Promise<string> {
  // There are no access rules yet: everybody may see what the database role may see.
  const principals = "everybody";
  return digest(JSON.stringify([fingerprint, principals, query, operationName, text, values, ...more]));
}
