/** A JSON value as JavaScript reads it, for everything but the numbers that it would round. */
export type JsonValue = null | boolean | number | string | ExactNumber | readonly JsonValue[] | JsonObject;
export type JsonObject = { readonly [name: string]: JsonValue };

/** A number of JSON that a double cannot hold: its digits, as they were written. */
export class ExactNumber {
  readonly digits: string;

  constructor(digits: string) {
    this.digits = digits;
  }

  /** `JSON.stringify` has no way to write digits: as text they keep their value. */
  toJSON(): string {
    return this.digits;
  }
}
