/** All that goes out for statements that run one behind the other, in one piece. */
import { Buffer } from "node:buffer";
import type { ResultForm } from "./wire-messages.ts";

/** A prepared statement to be run. */
export type Step = {
  readonly name: string;
  /** Messages in front of it: what prepares it. */
  readonly before: readonly Buffer[];
  readonly values: readonly (string | null)[];
  readonly results: ResultForm;
};

const SCRATCH_BYTES = 65_536;
/** The messages are laid down here and then copied out at their length, which is not known before. */
const scratch = Buffer.allocUnsafeSlow(SCRATCH_BYTES);
/** A longer text is measured before, as three bytes for each of its characters would be too much to set aside. */
const SHORT = 1_000;
/** Up to here a loop is quicker than a call into the runtime. */
const LOOP = 40;
const HEADER_BYTES = 5;
const VALUES_MAX = 65_535;

/** Bind and Execute of each step, and whatever its result form ends with. */
export function stepsMessage(steps: readonly Step[]): Buffer {
  let room = 0;
  for (const step of steps) room += roomFor(step);
  const out = room <= SCRATCH_BYTES ? scratch : Buffer.allocUnsafeSlow(room);
  let at = 0;
  for (const step of steps) {
    for (const message of step.before) at += message.copy(out, at);
    at = writeStep(out, at, step);
  }
  const written = out.subarray(0, at);
  return out === scratch ? Buffer.from(written) : written;
}

/** At least as many bytes as a step takes. */
function roomFor({ name, before, values, results }: Step): number {
  if (values.length > VALUES_MAX) throw new TypeError(`a statement has at most ${VALUES_MAX} values`);
  let room = HEADER_BYTES + 1 + name.length + 1 + 2 + 2 + results.formats.length + results.after.length;
  for (const message of before) room += message.length;
  for (const value of values) {
    room += 4;
    if (value !== null) room += value.length < SHORT ? 3 * value.length : Buffer.byteLength(value);
  }
  return room;
}

/** Bind into the unnamed portal, and what comes after it; gives the place behind them. */
function writeStep(out: Buffer, start: number, { name, values, results }: Step): number {
  let at = start + HEADER_BYTES;
  out[start] = 0x42; // B
  out[at] = 0;
  at = writeText(out, at + 1, name);
  out[at] = 0;
  out[at + 1] = 0; // no formats: all values are texts
  out[at + 2] = 0;
  out[at + 3] = values.length >>> 8;
  out[at + 4] = values.length;
  at += 5;
  for (const value of values) {
    const end = value === null ? at + 4 : writeText(out, at + 4, value);
    writeInt32(out, at, value === null ? -1 : end - at - 4);
    at = end;
  }
  at = writeBytes(out, at, results.formats);
  writeInt32(out, start + 1, at - start - 1);
  return writeBytes(out, at, results.after);
}

/** UTF-8; gives the place behind it. */
function writeText(out: Buffer, at: number, text: string): number {
  if (text.length > LOOP) return at + out.write(text, at);
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code > 0x7f) return at + out.write(text, at);
    out[at + index] = code;
  }
  return at + text.length;
}

function writeBytes(out: Buffer, at: number, bytes: Buffer): number {
  for (let index = 0; index < bytes.length; index += 1) out[at + index] = bytes[index] as number;
  return at + bytes.length;
}

function writeInt32(out: Buffer, at: number, value: number): void {
  out[at] = value >>> 24;
  out[at + 1] = value >>> 16;
  out[at + 2] = value >>> 8;
  out[at + 3] = value;
}
