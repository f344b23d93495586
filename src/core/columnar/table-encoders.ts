import type { Column } from "./column.ts";
import { createTableEncoder, type TableEncoder } from "./table-encoder.ts";

/** The encoders of one plan. */
export type TableEncoders = {
  take(): TableEncoder;
  /** It is empty, and serves the next table. */
  give(encoder: TableEncoder): void;
};

/** Making an encoder takes longer than a hundred rows do, so one is kept; no longer than the collector likes, for it may be large. */
export function createTableEncoders(columns: readonly Column[]): TableEncoders {
  let idle: WeakRef<TableEncoder> | undefined;
  return {
    take: () => {
      const kept = idle?.deref();
      idle = undefined;
      return kept ?? createTableEncoder(columns);
    },
    give: (encoder) => {
      idle = new WeakRef(encoder);
    },
  };
}
