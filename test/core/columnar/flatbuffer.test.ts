import { expect, test } from "bun:test";
import { createFlatBuffer } from "../../../src/core/columnar/flatbuffer.ts";

/** Position of the value of a slot of the root table. */
function place(view: DataView, slot: number): number {
  const table = view.getUint32(0, true);
  const virtual = table - view.getInt32(table, true);
  return table + view.getUint16(virtual + 4 + slot * 2, true);
}

test("numbers of eight bytes lie at multiples of eight, whatever stands beside them", () => {
  for (let length = 0; length < 20; length += 1) {
    const flat = createFlatBuffer();
    const text = flat.text("x".repeat(length));
    const longs = flat.longs([1, 2 ** 40, 3, -4], 2);
    const bytes = flat.finish(
      flat.table([
        { slot: 0, kind: "int8", value: 7 },
        { slot: 1, kind: "offset", value: longs },
        { slot: 2, kind: "int64", value: 2 ** 50 },
        { slot: 4, kind: "offset", value: text },
      ]),
    );
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const vector = place(view, 1) + view.getUint32(place(view, 1), true);
    expect([bytes.length % 8, place(view, 2) % 8, (vector + 4) % 8]).toEqual([0, 0, 0]);
    expect(view.getUint32(vector, true)).toBe(2);
    expect([0, 1, 2, 3].map((index) => view.getBigInt64(vector + 4 + index * 8, true))).toEqual([
      1n,
      2n ** 40n,
      3n,
      -4n,
    ]);
    expect(view.getBigInt64(place(view, 2), true)).toBe(2n ** 50n);
    expect(view.getInt8(place(view, 0))).toBe(7);
  }
});
