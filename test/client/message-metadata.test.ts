import { expect, test } from "bun:test";
import { readMessageHead } from "../../src/client/message-metadata.ts";
import { createFlatBuffer, type Slot } from "../../src/core/columnar/flatbuffer.ts";

/** A message's head with these fields of `Message`, and a header that has these of `RecordBatch`. */
function head(fields: readonly Slot[], headerFields: readonly Slot[]): Uint8Array {
  const flat = createFlatBuffer();
  const header = flat.table(headerFields);
  return flat.finish(flat.table([...fields, { slot: 2, kind: "offset", value: header }]));
}

const batch: Slot = { slot: 1, kind: "int8", value: 3 };
const nodes: Slot = { slot: 1, kind: "int32", value: 7 };

test("lengths of 64 bits are read exactly", () => {
  const length = 2 ** 40 + 8;
  const bytes = head(
    [batch, { slot: 3, kind: "int64", value: length }],
    [{ slot: 0, kind: "int64", value: 2 ** 33 + 1 }],
  );
  expect(readMessageHead(bytes)).toEqual({ kind: "batch", rows: 2 ** 33 + 1, bodyLength: length });
});

test("a length that is left out, with others behind it, is 0", () => {
  const bytes = head([batch, { slot: 4, kind: "int32", value: 9 }], [nodes]);
  expect(readMessageHead(bytes)).toEqual({ kind: "batch", rows: 0, bodyLength: 0 });
});

test("negative lengths and unknown kinds are refused", () => {
  const negative = head([batch, { slot: 3, kind: "int64", value: -8 }], [nodes]);
  expect(() => readMessageHead(negative)).toThrow(RangeError);
  expect(() => readMessageHead(head([{ slot: 1, kind: "int8", value: 4 }], [nodes]))).toThrow("unknown kind");
});
