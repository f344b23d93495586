/**
 * Numbers as `numeric` of PostgreSQL has them: decimal, exact, with NaN above everything and two infinities.
 *
 * A JavaScript number stands for the shortest decimal that names it, so two of them compare as their decimals do; only
 * what no double names so is a `Decimal`.
 */

/** `coefficient / 10 ** scale`, without trailing zeros behind the point. */
export type Decimal = { readonly coefficient: bigint; readonly scale: number };
export type Numeric = number | Decimal;

/** Longer results have no value, so that a rule cannot be made to compute for minutes. */
const DIGITS_MAX = 2_000;
const EXPONENT_MAX = 2_000;
/** So many digits come back from the double nearest to them. */
const DOUBLE_DIGITS = 15;
const PLAIN = /^-?\d+(?:\.\d+)?$/;
const NUMBER = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

/** The value of digits as JSON writes them; undefined for other text and for more than 2,000 digits. */
export function parseNumber(text: string): Numeric | undefined {
  if (text.length <= DOUBLE_DIGITS && PLAIN.test(text)) return Number(text);
  const decimal = parseDecimal(text);
  return decimal && simplest(decimal, Number(text));
}

function parseDecimal(text: string): Decimal | undefined {
  if (text.length > DIGITS_MAX + 10) return undefined;
  const [, sign = "", whole = "", part = "", power = "0"] = NUMBER.exec(text) ?? [];
  const exponent = Number(power);
  if (whole === "" || Math.abs(exponent) > EXPONENT_MAX) return undefined;
  const digits = BigInt(sign + whole + part);
  const scale = part.length - exponent;
  return scale < 0 ? { coefficient: digits * 10n ** BigInt(-scale), scale: 0 } : trimmed(digits, scale);
}

function trimmed(coefficient: bigint, scale: number): Decimal {
  let [digits, places] = [coefficient, scale];
  while (places > 0 && digits % 10n === 0n) {
    digits /= 10n;
    places -= 1;
  }
  return { coefficient: digits, scale: places };
}

/** The double near a decimal, where its shortest decimal is just that decimal. */
function simplest(decimal: Decimal, near: number): Numeric {
  if (!Number.isFinite(near)) return decimal;
  if (decimal.scale === 0 && Number.isSafeInteger(near)) return near;
  const named = parseDecimal(String(near));
  return named?.coefficient === decimal.coefficient && named.scale === decimal.scale ? near : decimal;
}

function numericOf(coefficient: bigint, scale: number): Numeric | null {
  const decimal = trimmed(coefficient, scale);
  const text = digitsOf(decimal);
  return text.length > DIGITS_MAX ? null : simplest(decimal, Number(text));
}

const decimalOf = (value: Numeric): Decimal =>
  typeof value === "number" ? (parseDecimal(String(value)) ?? { coefficient: 0n, scale: 0 }) : value;

/** All digits, without an exponent. */
export function digitsOf(value: Numeric): string {
  if (typeof value === "number") {
    // Minus zero becomes zero.
    const text = String(value + 0);
    if (!text.includes("e")) return text;
  }
  const { coefficient, scale } = decimalOf(value);
  const sign = coefficient < 0n ? "-" : "";
  const digits = String(coefficient < 0n ? -coefficient : coefficient).padStart(scale + 1, "0");
  return scale === 0 ? sign + digits : `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

/** Less than 0, 0 or more than 0, in the order of PostgreSQL: NaN equals itself and is above all else. */
export function compareNumbers(a: Numeric, b: Numeric): number {
  if (typeof a === "number" && typeof b === "number") {
    if (a < b) return -1;
    if (a > b) return 1;
    if (a === b) return 0;
    return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  }
  if (typeof a === "number" && !Number.isFinite(a)) return a === Number.NEGATIVE_INFINITY ? -1 : 1;
  if (typeof b === "number" && !Number.isFinite(b)) return b === Number.NEGATIVE_INFINITY ? 1 : -1;
  const [left, right] = aligned(a, b);
  return left < right ? -1 : left > right ? 1 : 0;
}

function aligned(a: Numeric, b: Numeric): readonly [bigint, bigint, number] {
  const [left, right] = [decimalOf(a), decimalOf(b)];
  const scale = Math.max(left.scale, right.scale);
  return [
    left.coefficient * 10n ** BigInt(scale - left.scale),
    right.coefficient * 10n ** BigInt(scale - right.scale),
    scale,
  ];
}

/** Arithmetic of `numeric`; null for a division by zero and for a result of more than 2,000 digits. */
export const ARITHMETIC = {
  add: exact(
    (a, b) => a + b,
    ([a, b, scale]) => numericOf(a + b, scale),
  ),
  subtract: exact(
    (a, b) => a - b,
    ([a, b, scale]) => numericOf(a - b, scale),
  ),
  multiply: exact(
    (a, b) => a * b,
    ([a, b, scale]) => numericOf(a * b, scale * 2),
  ),
  divide: (a, b) => {
    if (b === 0) return null;
    if (typeof a === "number" && typeof b === "number") {
      if (!Number.isFinite(a) || !Number.isFinite(b)) return a / b;
      if (Number.isSafeInteger(a) && Number.isSafeInteger(b) && a % b === 0) return a / b;
    }
    if (typeof a === "number" && !Number.isFinite(a)) return a * signOf(b);
    if (typeof b === "number" && !Number.isFinite(b)) return Number.isNaN(b) ? b : 0;
    return quotient(decimalOf(a), decimalOf(b));
  },
  remainder: (a, b) => {
    if (b === 0) return null;
    if (typeof a === "number" && !Number.isFinite(a)) return Number.NaN;
    if (typeof b === "number" && !Number.isFinite(b)) return Number.isNaN(b) ? b : a;
    if (Number.isSafeInteger(a) && Number.isSafeInteger(b)) return (a as number) % (b as number);
    const [left, right, scale] = aligned(a, b);
    return numericOf(left % right, scale);
  },
} as const satisfies Record<string, (a: Numeric, b: Numeric) => Numeric | null>;

export function negate(value: Numeric): Numeric {
  return typeof value === "number" ? -value : { coefficient: -value.coefficient, scale: value.scale };
}

const signOf = (value: Numeric): number =>
  typeof value === "number" ? Math.sign(value) : value.coefficient < 0n ? -1 : 1;

/** Doubles while they are whole and stay exact, or where one is no decimal at all. */
function exact(
  near: (a: number, b: number) => number,
  precise: (values: readonly [bigint, bigint, number]) => Numeric | null,
): (a: Numeric, b: Numeric) => Numeric | null {
  return (a, b) => {
    // Beside an infinity only the sign of the other counts.
    if (notFinite(a) || notFinite(b))
      return near(typeof a === "number" ? a : signOf(a), typeof b === "number" ? b : signOf(b));
    if (Number.isSafeInteger(a) && Number.isSafeInteger(b)) {
      const result = near(a as number, b as number);
      if (Number.isSafeInteger(result)) return result;
    }
    return precise(aligned(a, b));
  };
}

const notFinite = (value: Numeric): boolean => typeof value === "number" && !Number.isFinite(value);

/**
 * Rounded as `numeric` rounds: at least 16 significant digits, half away from zero.
 *
 * Source: `select_div_scale` of PostgreSQL's src/backend/utils/adt/numeric.c (digits there are of base 10,000).
 */
function quotient(a: Decimal, b: Decimal): Numeric | null {
  const [left, right] = [baseDigits(a), baseDigits(b)];
  const weight = left.weight - right.weight - (left.first <= right.first ? 1 : 0);
  const places = Math.min(Math.max(16 - weight * 4, a.scale, b.scale, 0), 1_000);
  const shift = places + b.scale - a.scale;
  const [top, bottom] =
    shift >= 0
      ? [a.coefficient * 10n ** BigInt(shift), b.coefficient]
      : [a.coefficient, b.coefficient * 10n ** BigInt(-shift)];
  const negative = top < 0n !== bottom < 0n;
  const [up, down] = [top < 0n ? -top : top, bottom < 0n ? -bottom : bottom];
  const rounded = (up * 2n + down) / (down * 2n);
  return numericOf(negative ? -rounded : rounded, places);
}

/** The first digit of base 10,000 and the power of 10,000 it stands at; both 0 for zero. */
function baseDigits({ coefficient, scale }: Decimal): { readonly first: number; readonly weight: number } {
  if (coefficient === 0n) return { first: 0, weight: 0 };
  const digits = String(coefficient < 0n ? -coefficient : coefficient);
  const weight = Math.floor((digits.length - 1 - scale) / 4);
  // How many decimal digits stand before and in the base digit of that weight.
  const length = digits.length - scale - weight * 4;
  return { first: Number(digits.slice(0, length).padEnd(length, "0")), weight };
}
