/** What a PostgreSQL server would send, written down by hand. */
const text = (value: string) => Buffer.from(value);
const int16 = (value: number) => Buffer.from([value >> 8, value]);
export const int32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value | 0);
  return bytes;
};

/** @param length - what the message says of its length, where that is to be wrong */
export function serverMessage(type: string, body: Buffer = Buffer.alloc(0), length = body.length + 4): Buffer {
  return Buffer.concat([text(type), int32(length), body]);
}

export const row = (...values: (string | null)[]): Buffer =>
  serverMessage(
    "D",
    Buffer.concat([
      int16(values.length),
      ...values.map((value) =>
        value === null ? int32(-1) : Buffer.concat([int32(Buffer.byteLength(value)), text(value)]),
      ),
    ]),
  );

/** @param format - 1 is binary */
export const rowDescription = (names: readonly string[], format = 1): Buffer =>
  serverMessage(
    "T",
    Buffer.concat([
      int16(names.length),
      ...names.map((name) =>
        Buffer.concat([text(`${name}\0`), int32(0), int16(0), int32(25), int16(-1), int32(-1), int16(format)]),
      ),
    ]),
  );

export const serverError = (fields: Readonly<Record<string, string>>): Buffer =>
  serverMessage(
    "E",
    text(
      `${Object.entries(fields)
        .map(([key, value]) => `${key}${value}\0`)
        .join("")}\0`,
    ),
  );

export const notice = (message: string): Buffer => serverMessage("N", text(`SNOTICE\0M${message}\0\0`));
export const loginOk = serverMessage("R", int32(0));
export const key = serverMessage("K", Buffer.concat([int32(4711), int32(1234)]));
export const ready = serverMessage("Z", text("I"));
export const parsed = serverMessage("1");
export const bound = serverMessage("2");
export const complete = serverMessage("C", text("SELECT 1\0"));

export const LOGIN: readonly Buffer[] = [loginOk, serverMessage("S", text("TimeZone\0UTC\0")), key, ready];
export const ANSWER: readonly Buffer[] = [
  parsed,
  bound,
  rowDescription(["a", "b"]),
  row("1", "one"),
  row("2", null),
  notice("by the way"),
  row("3", "x".repeat(300)),
  complete,
  ready,
];
